// Filter expressions as text.
import { OUTCOMES, type Outcome } from "../status";

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

interface Service {
  readonly name: string;
  readonly type: string;
}

/** `id(name: "...", type: "...")` */
function idOf({ name, type }: Service): string {
  const parts = [`name: ${quoted(name)}`];
  if (type !== "") parts.push(`type: ${quoted(type)}`);
  return `id(${parts.join(", ")})`;
}

/** Traces that a node of the map is part of. */
export function serviceFilter(name: string, type: string): string {
  return `service(${idOf({ name, type })})`;
}

/** Traces in which one service calls another. */
export function edgeFilter(source: Service, target: Service): string {
  return `edge(${idOf(source)}, ${idOf(target)})`;
}

/** Seconds; a side that is undefined is open. */
export interface ResponseTimes {
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/** Those traces of `selector` whose requests there ended so, and took so long. */
export function requestsFilter(
  selector: string,
  outcomes: ReadonlySet<Outcome>,
  { from, to }: ResponseTimes,
): string {
  const wanted = outcomeFilter(outcomes);
  const conditions = wanted === "" ? [] : [wanted];
  if (from !== undefined) conditions.push(`responsetime >= ${from}`);
  if (to !== undefined) conditions.push(`responsetime <= ${to}`);
  return conditions.length === 0 ? selector : `${selector} { ${conditions.join(" AND ")} }`;
}

function outcomeFilter(outcomes: ReadonlySet<Outcome>): string {
  if (OUTCOMES.every((outcome) => outcomes.has(outcome))) return "";
  const terms: string[] = [];
  if (outcomes.has("ok")) terms.push("ok = true");
  if (outcomes.has("fault")) terms.push("fault = true");
  if (outcomes.has("error")) {
    // A throttled request is an error to X-Ray, and counted apart from the others.
    terms.push(outcomes.has("throttle") ? "error = true" : "(error = true AND throttle = false)");
  }
  if (outcomes.has("throttle")) terms.push("throttle = true");
  return terms.length === 1 ? (terms[0] ?? "") : `(${terms.join(" OR ")})`;
}

export interface FilterFault {
  /** Characters before the place where the expression makes no sense. */
  readonly before: number;
}

/** Where X-Ray says that a filter is wrong, if that is what a message is about. */
export function filterFault(message: string, expression: string): FilterFault | undefined {
  const match = /Error Location: line (\d{1,6}), position (\d{1,6})/.exec(message);
  if (!match) return undefined;
  const lines = expression.split("\n");
  const line = Math.min(Number(match[1]), lines.length);
  const start = lines.slice(0, line - 1).reduce((sum, text) => sum + [...text].length + 1, 0);
  const before = start + Math.max(0, Number(match[2]) - 1);
  return { before: Math.min(before, [...expression].length) };
}
