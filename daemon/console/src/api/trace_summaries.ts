import { flagAt, numberAt, recordsAt, textAt, type JsonRecord } from "../model/json";
import { statusOf, type Status } from "../model/status";
import { askConsole } from "./client";

/** One line of the trace list. Times in seconds; undefined where the trace has not ended. */
export interface TraceSummary {
  readonly id: string;
  readonly start: number;
  readonly duration: number | undefined;
  readonly responseTime: number | undefined;
  readonly status: Status;
  /** Some of it is still running. */
  readonly partial: boolean;
  readonly service: string;
  readonly method: string;
  readonly url: string;
  readonly httpStatus: number | undefined;
  /** How many keys. */
  readonly annotations: number;
}

export interface SummariesPage {
  readonly summaries: readonly TraceSummary[];
  /** Traces that were looked at for them. */
  readonly scanned: number;
  /** Where the next page begins, if there may be one. */
  readonly next: string | undefined;
}

/** The most that the daemon gives at once. */
const MOST = 1000;

/**
 * A page of the list, newest first: up to `limit` traces, fewer where they are hard to find.
 * GetTraceSummaries says ten times as much of half as many.
 */
export async function getTraceSummaries(
  range: { readonly start: number; readonly end: number },
  filter: string,
  group: string,
  limit: number,
  cursor: string | undefined,
  signal: AbortSignal,
): Promise<SummariesPage> {
  const answer = await askConsole(
    "traces",
    {
      start: String(range.start),
      end: String(range.end),
      filter,
      limit: String(Math.min(limit, MOST)),
      ...(group === "" ? {} : { group }),
      ...(cursor === undefined ? {} : { cursor }),
    },
    signal,
  );
  return {
    summaries: readSummaries(answer),
    scanned: numberAt(answer, "Scanned") ?? 0,
    next: textAt(answer, "Next"),
  };
}

export function readSummaries(answer: JsonRecord): readonly TraceSummary[] {
  return recordsAt(answer, "Traces").map(readSummary);
}

function readSummary(row: JsonRecord): TraceSummary {
  const responseTime = numberAt(row, "ResponseTime");
  const partial = flagAt(row, "Partial");
  return {
    id: textAt(row, "Id") ?? "",
    start: numberAt(row, "Start") ?? 0,
    duration: numberAt(row, "Duration"),
    responseTime,
    status: statusOf({
      fault: flagAt(row, "Fault"),
      throttle: flagAt(row, "Throttle"),
      error: flagAt(row, "Error"),
      inProgress: responseTime === undefined && partial,
    }),
    partial,
    service: textAt(row, "Service") ?? "",
    method: textAt(row, "Method") ?? "",
    url: textAt(row, "Url") ?? "",
    httpStatus: numberAt(row, "Status"),
    annotations: numberAt(row, "Annotations") ?? 0,
  };
}
