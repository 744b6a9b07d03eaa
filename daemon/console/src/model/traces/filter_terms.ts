// A filter as the list of terms that AND joins, so that a click can add one and take it away.

const OPENING = "([{";
const CLOSING = ")]}";

/** The end of the text in quotation marks that begins at `start`. */
function afterText(filter: string, start: number): number {
  let at = start + 1;
  while (at < filter.length && filter[at] !== '"') at += filter[at] === "\\" ? 2 : 1;
  return at + 1;
}

interface Parts {
  readonly terms: readonly string[];
  /** OR joins them somewhere, so that they are no terms. */
  readonly hasOr: boolean;
}

function partsOf(filter: string): Parts {
  const terms: string[] = [];
  const word = /[A-Za-z_.]+/y;
  let depth = 0;
  let begin = 0;
  let hasOr = false;
  for (let at = 0; at < filter.length; ) {
    const character = filter[at] ?? "";
    word.lastIndex = at;
    if (character === '"') {
      at = afterText(filter, at);
    } else if (word.test(filter)) {
      const text = filter.slice(at, word.lastIndex).toUpperCase();
      if (depth === 0 && text === "OR") hasOr = true;
      if (depth === 0 && text === "AND") {
        terms.push(filter.slice(begin, at));
        begin = word.lastIndex;
      }
      at = word.lastIndex;
    } else {
      if (OPENING.includes(character)) depth += 1;
      if (CLOSING.includes(character)) depth -= 1;
      at += 1;
    }
  }
  terms.push(filter.slice(begin));
  return { terms: terms.map((term) => term.trim()).filter((term) => term !== ""), hasOr };
}

/** The terms of a filter; all of it is one where OR joins its parts. */
export function termsOf(filter: string): readonly string[] {
  const { terms, hasOr } = partsOf(filter);
  return hasOr ? [filter.trim()] : terms;
}

function joined(terms: readonly string[]): string {
  if (terms.length < 2) return terms[0] ?? "";
  return terms.map((term) => (partsOf(term).hasOr ? `(${term})` : term)).join(" AND ");
}

export function hasTerm(filter: string, term: string): boolean {
  return termsOf(filter).includes(term);
}

/** The filter with the term if it had it not, and without it if it had. */
export function toggledTerm(filter: string, term: string): string {
  const terms = termsOf(filter);
  const without = terms.filter((other) => other !== term);
  return joined(without.length < terms.length ? without : [...terms, term]);
}

const RESPONSE_TIME = /^responsetime (>=|<=) [0-9.e-]+$/i;

/** The filter for response times between the two, in place of those that it was for. */
export function withResponseTimes(filter: string, from: number, to: number): string {
  const others = termsOf(filter).filter((term) => !RESPONSE_TIME.test(term));
  return joined([...others, `responsetime >= ${from}`, `responsetime <= ${to}`]);
}

/** Both a group and a filter, for calls that know no groups. */
export function withGroup(filter: string, group: string): string {
  if (group === "") return filter;
  const name = `group.name = "${group.replace(/["\\]/g, "\\$&")}"`;
  return filter === "" ? name : `(${filter}) AND ${name}`;
}
