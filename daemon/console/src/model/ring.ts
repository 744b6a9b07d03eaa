// The ring of a node: how its requests ended, in proportion.
import type { Statistics } from "../api/service_graph";
import type { Status } from "./status";

export interface RingPart {
  readonly status: Exclude<Status, "progress">;
  /** Of the whole, 0 to 1. */
  readonly from: number;
  readonly to: number;
}

/** Faults begin at the top, clockwise; what there is none of has no part. */
export function ringParts(statistics: Statistics): readonly RingPart[] {
  const { fault, throttle, error, ok } = statistics;
  const sum = fault + throttle + error + ok;
  const parts: RingPart[] = [];
  let from = 0;
  for (const [status, count] of [
    ["fault", fault],
    ["throttle", throttle],
    ["error", error],
    ["ok", ok],
  ] as const) {
    if (count <= 0) continue;
    const to = from + count / sum;
    parts.push({ status, from, to });
    from = to;
  }
  return parts;
}

/** Average seconds; undefined where nothing has ended. */
export function averageOf(statistics: Statistics): number | undefined {
  return statistics.total > 0 ? statistics.totalResponseTime / statistics.total : undefined;
}

/** In words, for those who cannot see the ring. */
export function statisticsWords(statistics: Statistics): string {
  const share = (count: number) => `${Math.round((count / statistics.total) * 1000) / 10} %`;
  if (statistics.total === 0) return "nothing has ended yet";
  const words = [`${share(statistics.ok)} OK`];
  if (statistics.fault > 0) words.push(`${share(statistics.fault)} faults`);
  if (statistics.error > 0) words.push(`${share(statistics.error)} errors`);
  if (statistics.throttle > 0) words.push(`${share(statistics.throttle)} throttled`);
  return words.join(", ");
}
