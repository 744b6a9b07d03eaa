// What the filter bar offers to write next: the daemon's parser says what may stand there, the
// store's facets which services, annotations and values there are.
import type { Completion, Offer } from "../../api/completion";
import type { Facet, Facets } from "../../api/facets";
import { plural } from "../format";

export interface Suggestion {
  /** What is shown, and what is written. */
  readonly label: string;
  readonly text: string;
  readonly hint: string;
  /** What it takes the place of, in characters. */
  readonly begin: number;
  readonly end: number;
}

const MOST = 50;

const MEANINGS: Readonly<Record<string, string>> = {
  ok: "answered without an error",
  error: "client error, 4xx",
  fault: "server fault, 5xx",
  throttle: "throttled, 429",
  partial: "parts still running",
  inferred: "known by its caller only",
  coldstart: "a function's first call",
  responsetime: "seconds until the answer",
  duration: "seconds of the whole trace",
  "http.status": "status code of the answer",
  "http.url": "address that was asked for",
  "http.method": "method of the request",
  "http.useragent": "program that asked",
  "http.clientip": "address of who asked",
  user: "user of the request",
  name: "name of a segment",
  type: "type of a service",
  message: "message of an exception",
  availabilityzone: "zone of an instance",
  "instance.id": "id of an instance",
  "resource.arn": "ARN of a resource",
  "account.id": "account of a service",
  "annotation.": "an annotation, by its key",
  "annotation[": "an annotation, by any key",
  "service(": "a service of the trace",
  "edge(": "a call between two services",
  "group.name": "traces of a group",
  NOT: "none of what follows",
  "(": "several conditions as one",
  AND: "both",
  OR: "either",
};

/** What a keyword's values are found in. */
const VALUE_FACETS: Readonly<Record<string, Facet>> = {
  "http.url": "HttpURL",
  "http.method": "HttpMethod",
  "http.status": "HttpStatus",
  user: "User",
  "resource.arn": "ResourceARN",
  name: "Service",
};

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

function isPlainKey(key: string): boolean {
  return /^[A-Za-z0-9_]+$/.test(key);
}

interface Found {
  readonly label: string;
  readonly text: string;
  readonly count: number;
}

/**
 * The completion of `asked` where since then only letters were written at its end: so quick writers
 * need not wait for the next. Undefined where more has changed.
 */
export function carriedOn(
  completion: Completion,
  asked: string,
  filter: string,
): Completion | undefined {
  if (filter === asked) return completion;
  const [before, after] = [[...asked], [...filter]];
  const { end } = completion;
  const more = after.slice(end, end + after.length - before.length).join("");
  const rest = [...before.slice(0, end), ...more, ...before.slice(end)].join("");
  if (!/^[\w.]+$/.test(more) || rest !== filter) return undefined;
  const typed = completion.typed + more;
  const offers = completion.offers.filter(({ text }) => text?.includes(typed) ?? true);
  return { ...completion, end: end + [...more].length, typed, offers };
}

/** The suggestions for an expression's completion, best first. */
export function suggestionsOf(
  completion: Completion,
  filter: string,
  facets: Facets | undefined,
): readonly Suggestion[] {
  const { begin, end } = completion;
  const typed = completion.typed.toLowerCase();
  const suggestions: Suggestion[] = [];
  for (const offer of completion.offers) {
    if (offer.text !== undefined) {
      // What stands there in full needs no offer.
      if (offer.text.toLowerCase() === typed && typed !== "") continue;
      suggestions.push({ ...written(offer.text), hint: meaning(offer.text), begin, end });
      continue;
    }
    for (const found of known(offer, facets)) {
      if (!found.label.toLowerCase().includes(typed)) continue;
      if (offer.kind === "AnnotationKey") {
        suggestions.push(annotationKey(found, filter, completion));
      } else {
        const hint = plural(found.count, "trace");
        const text = offer.kind === "Value" ? `${found.text} ` : found.text;
        suggestions.push({ label: found.text, text, hint, begin, end });
      }
    }
  }
  return suggestions.slice(0, MOST);
}

/** A word with the blank that has to follow. */
function written(text: string): { label: string; text: string } {
  return { label: text, text: /[([{.]$/.test(text) ? text : `${text} ` };
}

function meaning(text: string): string {
  const known = MEANINGS[text];
  if (known !== undefined) return known;
  return text.startsWith("rootcause.") ? "where it began" : "";
}

function known(offer: Offer, facets: Facets | undefined): readonly Found[] {
  if (!facets) return [];
  const values = (facet: Facet) => facets.values.get(facet) ?? [];
  switch (offer.kind) {
    case "ServiceName":
      return merged(values("Service").map(({ value, count }) => [value, count]));
    case "ServiceType":
      return merged(
        values("Service")
          .filter(({ detail }) => detail !== "")
          .map(({ detail, count }) => [detail, count]),
      );
    case "AnnotationKey":
      return merged(values("Annotation").map(({ detail, count }) => [detail, count]));
    case "Value":
      return knownValues(offer.of, facets);
    default:
      return [];
  }
}

function knownValues(of: string, facets: Facets): readonly Found[] {
  const key = /^annotation\["(.*)"\]$/s.exec(of)?.[1];
  if (key !== undefined) {
    return (facets.values.get("Annotation") ?? [])
      .filter(({ detail }) => detail === key)
      // They come as filters write them.
      .map(({ value, count }) => ({ label: value.replace(/^"/, ""), text: value, count }));
  }
  const facet = VALUE_FACETS[of];
  const values = (facet && facets.values.get(facet)) ?? [];
  if (facet !== "HttpStatus") return merged(values.map(({ value, count }) => [value, count]));
  return values.map(({ value, count }) => ({ label: value, text: value, count }));
}

/** Each text once, in quotation marks, with the greatest of its counts. */
function merged(entries: readonly (readonly [string, number])[]): readonly Found[] {
  const counts = new Map<string, number>();
  for (const [text, count] of entries) counts.set(text, Math.max(count, counts.get(text) ?? 0));
  return [...counts].map(([text, count]) => ({ label: text, text: quoted(text), count }));
}

/** `annotation.key`, or with brackets where the key asks for them. */
function annotationKey(found: Found, filter: string, completion: Completion): Suggestion {
  const key = found.label;
  const { begin, end } = completion;
  const before = [...filter][begin - 1];
  // How many traces have the key cannot be told from the counts of its values.
  const hint = "annotation";
  if (before === "[") {
    const text = `${isPlainKey(key) ? key : quoted(key)}] `;
    return { label: key, text, hint, begin, end };
  }
  if (isPlainKey(key)) return { label: key, text: `${key} `, hint, begin, end };
  // The full stop makes way for the bracket.
  return { label: key, text: `[${quoted(key)}] `, hint, begin: begin - 1, end };
}

/** The expression with the suggestion written into it, and the cursor after it. */
export function withSuggestion(
  filter: string,
  suggestion: Suggestion,
): { readonly filter: string; readonly cursor: number } {
  const characters = [...filter];
  const head = characters.slice(0, suggestion.begin).join("") + suggestion.text;
  const rest = characters.slice(suggestion.end).join("");
  // One blank is enough.
  const tail = head.endsWith(" ") ? rest.replace(/^ +/, "") : rest;
  return { filter: head + tail, cursor: head.length };
}
