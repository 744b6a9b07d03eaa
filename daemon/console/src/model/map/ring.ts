// The ring of a node: how its requests ended, in proportion.
import type { Statistics } from "../../api/service_graph";
import type { Outcome } from "../status";

export interface RingPart {
  readonly status: Outcome;
  /** Of all requests, 0 to 1. */
  readonly share: number;
  /** Where it is drawn, 0 to 1 around the ring. */
  readonly from: number;
  readonly to: number;
}

/**
 * Faults begin at the top, clockwise; what there is none of has no part. Parts are drawn no smaller
 * than `least`, at the cost of the greatest one: one failure among thousands is what people look for.
 */
export function ringParts(statistics: Statistics, least = 0): readonly RingPart[] {
  const { fault, throttle, error, ok } = statistics;
  const sum = fault + throttle + error + ok;
  const present = ([
    ["fault", fault],
    ["throttle", throttle],
    ["error", error],
    ["ok", ok],
  ] as const).filter(([, count]) => count > 0);
  const widths = present.map(([, count]) => Math.max(least, count / sum));
  const greatest = widths.indexOf(Math.max(...widths));
  const others = widths.reduce((total, width, index) => (index === greatest ? total : total + width), 0);
  let from = 0;
  return present.map(([status, count], index) => {
    const to = from + (index === greatest ? 1 - others : (widths[index] ?? 0));
    const part = { status, share: count / sum, from, to };
    from = to;
    return part;
  });
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
