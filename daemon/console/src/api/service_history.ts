import { numberAt, recordsAt, textAt, type JsonRecord } from "../model/json";
import { callXray } from "./client";
import { readStatistics, type Statistics } from "./service_graph";

/** The figures of one period. */
export interface HistoryRow {
  /** When the period ended, in seconds since 1970. */
  readonly end: number;
  readonly statistics: Statistics;
}

export interface HistoryQuestion {
  readonly start: number;
  readonly end: number;
  readonly group: string;
  /** `service(...)` or `edge(...)`. */
  readonly selector: string;
  /** Seconds: 60 or 300. */
  readonly period: number;
}

/** The figures of a node or an edge over time, oldest first; periods without any are left out. */
export async function getServiceHistory(
  question: HistoryQuestion,
  signal: AbortSignal,
): Promise<readonly HistoryRow[]> {
  const input: JsonRecord = {
    StartTime: question.start,
    EndTime: question.end,
    Period: question.period,
    EntitySelectorExpression: question.selector,
    ...(question.group === "" ? {} : { GroupName: question.group }),
  };
  const rows: HistoryRow[] = [];
  let token: string | undefined;
  do {
    const answer = await callXray(
      "GetTimeSeriesServiceStatistics",
      "/TimeSeriesServiceStatistics",
      token === undefined ? input : { ...input, NextToken: token },
      signal,
    );
    for (const row of recordsAt(answer, "TimeSeriesServiceStatistics")) {
      const end = numberAt(row, "Timestamp");
      const statistics =
        readStatistics(row, "ServiceSummaryStatistics") ??
        readStatistics(row, "EdgeSummaryStatistics");
      if (end !== undefined && statistics) rows.push({ end, statistics });
    }
    const next = textAt(answer, "NextToken");
    if (next === token) break;
    token = next;
  } while (token !== undefined);
  return rows.sort((a, b) => a.end - b.end);
}
