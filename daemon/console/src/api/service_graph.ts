import { numberAt, recordAt, recordsAt, textAt, type JsonRecord } from "../model/json";
import { callXray } from "./client";

/** Finished requests by how they ended. */
export interface Statistics {
  readonly ok: number;
  /** 4xx other than 429. */
  readonly error: number;
  readonly throttle: number;
  readonly fault: number;
  readonly total: number;
  /** Seconds, of all of them together. */
  readonly totalResponseTime: number;
}

/** How many requests took about how long. Seconds, to the millisecond. */
export interface HistogramEntry {
  readonly value: number;
  readonly count: number;
}

export interface ServiceEdge {
  /** The node that is called. */
  readonly target: number;
  readonly statistics: Statistics;
  /** As the caller saw it. Sorted by value. */
  readonly responseTimes: readonly HistogramEntry[];
  /** Goes on with work of another trace: drawn dashed. */
  readonly link: boolean;
}

export interface ServiceNode {
  /** Its number in this answer, and no other. */
  readonly id: number;
  readonly name: string;
  /** "AWS::DynamoDB::Table", "client", or empty where the service said none. */
  readonly type: string;
  readonly account: string;
  readonly root: boolean;
  /** Undefined for clients and for what nobody has heard the end of. */
  readonly statistics: Statistics | undefined;
  /** Sorted by value. */
  readonly responseTimes: readonly HistogramEntry[];
  readonly edges: readonly ServiceEdge[];
}

export async function getServiceGraph(
  range: { readonly start: number; readonly end: number },
  group: string,
  signal: AbortSignal,
): Promise<readonly ServiceNode[]> {
  const services: ServiceNode[] = [];
  let token: string | undefined;
  do {
    const input: JsonRecord = {
      StartTime: range.start,
      EndTime: range.end,
      ...(group === "" ? {} : { GroupName: group }),
    };
    const answer = await callXray(
      "GetServiceGraph",
      "/ServiceGraph",
      token === undefined ? input : { ...input, NextToken: token },
      signal,
    );
    services.push(...recordsAt(answer, "Services").map(readNode));
    const next = textAt(answer, "NextToken");
    if (next === token) break;
    token = next;
  } while (token !== undefined);
  return services;
}

export function readNode(service: JsonRecord): ServiceNode {
  return {
    id: numberAt(service, "ReferenceId") ?? -1,
    name: textAt(service, "Name") ?? "",
    type: textAt(service, "Type") ?? "",
    account: textAt(service, "AccountId") ?? "",
    root: service["Root"] === true,
    statistics: readStatistics(service, "SummaryStatistics"),
    responseTimes: readHistogram(service),
    edges: recordsAt(service, "Edges").flatMap((edge) => {
      const target = numberAt(edge, "ReferenceId");
      if (target === undefined) return [];
      const statistics = readStatistics(edge, "SummaryStatistics") ?? NOTHING;
      const link = edge["EdgeType"] === "link";
      return [{ target, statistics, responseTimes: readHistogram(edge), link }];
    }),
  };
}

const NOTHING: Statistics = { ok: 0, error: 0, throttle: 0, fault: 0, total: 0, totalResponseTime: 0 };

/** ServiceStatistics or EdgeStatistics; undefined where there are none. */
export function readStatistics(from: JsonRecord, member: string): Statistics | undefined {
  if (from[member] === undefined || from[member] === null) return undefined;
  const summary = recordAt(from, member);
  const errors = recordAt(summary, "ErrorStatistics");
  const faults = recordAt(summary, "FaultStatistics");
  return {
    ok: numberAt(summary, "OkCount") ?? 0,
    error: numberAt(errors, "OtherCount") ?? 0,
    throttle: numberAt(errors, "ThrottleCount") ?? 0,
    fault: numberAt(faults, "TotalCount") ?? 0,
    total: numberAt(summary, "TotalCount") ?? 0,
    totalResponseTime: numberAt(summary, "TotalResponseTime") ?? 0,
  };
}

function readHistogram(from: JsonRecord): readonly HistogramEntry[] {
  return recordsAt(from, "ResponseTimeHistogram")
    .flatMap((entry) => {
      const value = numberAt(entry, "Value");
      const count = numberAt(entry, "Count");
      return value === undefined || count === undefined || count <= 0 ? [] : [{ value, count }];
    })
    .sort((a, b) => a.value - b.value);
}
