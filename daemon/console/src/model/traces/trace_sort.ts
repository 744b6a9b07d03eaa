import type { TraceSummary } from "../../api/trace_summaries";
import type { Status } from "../status";

export type SortColumn =
  | "status"
  | "start"
  | "duration"
  | "request"
  | "http"
  | "service"
  | "annotations";

export interface Sorting {
  readonly column: SortColumn;
  readonly descending: boolean;
}

export const NEWEST_FIRST: Sorting = { column: "start", descending: true };

/** From good to bad. */
const SEVERITY: Readonly<Record<Status, number>> = {
  ok: 0,
  progress: 1,
  error: 2,
  throttle: 3,
  fault: 4,
};

const texts = new Intl.Collator("en");

const ORDERS: Readonly<Record<SortColumn, (a: TraceSummary, b: TraceSummary) => number>> = {
  status: (a, b) => SEVERITY[a.status] - SEVERITY[b.status],
  start: (a, b) => a.start - b.start,
  duration: (a, b) => (a.duration ?? Infinity) - (b.duration ?? Infinity) || 0,
  request: (a, b) => texts.compare(a.url, b.url) || texts.compare(a.method, b.method),
  http: (a, b) => (a.httpStatus ?? 0) - (b.httpStatus ?? 0),
  service: (a, b) => texts.compare(a.service, b.service),
  annotations: (a, b) => a.annotations - b.annotations,
};

/** What is alike stays newest first. */
export function sorted(
  summaries: readonly TraceSummary[],
  { column, descending }: Sorting,
): readonly TraceSummary[] {
  const order = ORDERS[column];
  return [...summaries].sort(
    (a, b) => (descending ? order(b, a) : order(a, b)) || b.start - a.start,
  );
}

/** A click on the head of a column: what people look for first comes first, again turns it round. */
export function sortedBy(sorting: Sorting, column: SortColumn): Sorting {
  if (sorting.column === column) return { column, descending: !sorting.descending };
  return { column, descending: column !== "request" && column !== "service" };
}
