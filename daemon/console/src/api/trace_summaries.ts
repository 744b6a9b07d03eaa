import { flagAt, numberAt, recordAt, recordsAt, textAt, type JsonRecord } from "../model/json";
import { statusOf, type Status } from "../model/status";
import { callXray } from "./client";

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
}

export interface SummariesPage {
  readonly summaries: readonly TraceSummary[];
  readonly nextToken: string | undefined;
}

export async function getTraceSummaries(
  range: { readonly start: number; readonly end: number },
  filter: string,
  nextToken: string | undefined,
  signal: AbortSignal,
): Promise<SummariesPage> {
  const input: JsonRecord = {
    StartTime: range.start,
    EndTime: range.end,
    ...(filter === "" ? {} : { FilterExpression: filter }),
  };
  const answer = await callXray(
    "GetTraceSummaries",
    "/TraceSummaries",
    nextToken === undefined ? input : { ...input, NextToken: nextToken },
    signal,
  );
  return {
    summaries: recordsAt(answer, "TraceSummaries").map(readSummary),
    nextToken: textAt(answer, "NextToken"),
  };
}

/** Ids made by W3C tools hold no time; for the others it is a start better than nothing. */
function startInId(id: string): number {
  const seconds = parseInt(id.slice(2, 10), 16);
  return Number.isNaN(seconds) ? 0 : seconds;
}

function readSummary(summary: JsonRecord): TraceSummary {
  const id = textAt(summary, "Id") ?? "";
  const http = recordAt(summary, "Http");
  const responseTime = numberAt(summary, "ResponseTime");
  return {
    id,
    start: numberAt(summary, "StartTime") ?? startInId(id),
    duration: numberAt(summary, "Duration"),
    responseTime,
    status: statusOf({
      fault: flagAt(summary, "HasFault"),
      throttle: flagAt(summary, "HasThrottle"),
      error: flagAt(summary, "HasError"),
      inProgress: responseTime === undefined && flagAt(summary, "IsPartial"),
    }),
    partial: flagAt(summary, "IsPartial"),
    service: serviceOf(summary),
    method: textAt(http, "HttpMethod") ?? "",
    url: textAt(http, "HttpURL") ?? "",
    httpStatus: numberAt(http, "HttpStatus"),
  };
}

function serviceOf(summary: JsonRecord): string {
  const entry = textAt(recordAt(summary, "EntryPoint"), "Name");
  if (entry) return entry;
  const services = recordsAt(summary, "ServiceIds");
  const client = services.find((service) => service["Type"] === "client");
  return textAt(client ?? services[0] ?? {}, "Name") ?? "";
}
