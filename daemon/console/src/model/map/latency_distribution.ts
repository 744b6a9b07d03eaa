// How long requests took, from the histograms of the service graph: columns on a logarithmic axis,
// percentiles, and what lies between two times.
import type { HistogramEntry } from "../../api/service_graph";

export interface LatencyColumn {
  /** Seconds. */
  readonly from: number;
  readonly to: number;
  /** Of all requests, 0 to 1. */
  readonly share: number;
}

export interface LatencyDistribution {
  readonly columns: readonly LatencyColumn[];
  /** The ends of the axis, in seconds. */
  readonly from: number;
  readonly to: number;
  /** Of the highest column. */
  readonly most: number;
}

const COLUMNS = 48;
/** Values are rounded to the millisecond, and to about 3 % in the store. */
const HALF_STEP = 0.000_5;
const HALF_BUCKET = 0.04;
/** Where the axis begins at the latest: below, all is rounding. */
const SHORTEST = 0.000_4;

export function latencyDistribution(
  entries: readonly HistogramEntry[],
): LatencyDistribution | undefined {
  const first = entries[0];
  const last = entries[entries.length - 1];
  if (!first || !last) return undefined;
  const total = countOf(entries);
  // Some room at both ends, and never a single value as wide as the chart.
  const middle = Math.sqrt(Math.max(first.value, SHORTEST) * Math.max(last.value, SHORTEST));
  const from = Math.max(SHORTEST, Math.min(first.value * 0.8, middle / 2));
  const to = Math.max(last.value * 1.25, middle * 2, from * 4);
  const step = Math.log(to / from) / COLUMNS;
  const shares = new Array<number>(COLUMNS).fill(0);
  for (const { value, count } of entries) {
    // Each value stands for all that were rounded to it: no gaps that only rounding makes.
    const half = Math.max(HALF_STEP, value * HALF_BUCKET);
    const low = place(Math.max(from, value - half));
    const high = Math.max(low + 1e-6, place(Math.min(to, value + half)));
    for (let column = Math.floor(low); column < Math.min(high, COLUMNS); column += 1) {
      const inside = Math.min(high, column + 1) - Math.max(low, column);
      shares[column] = (shares[column] ?? 0) + ((inside / (high - low)) * count) / total;
    }
  }
  function place(seconds: number): number {
    return Math.min(COLUMNS - 1e-6, Math.max(0, Math.log(seconds / from) / step));
  }
  return {
    columns: shares.map((share, index) => ({
      from: from * Math.exp(index * step),
      to: from * Math.exp((index + 1) * step),
      share,
    })),
    from,
    to,
    most: Math.max(...shares),
  };
}

/** A time's place on the axis, 0 to 1, and the other way round. */
export function shareOfAxis({ from, to }: LatencyDistribution, seconds: number): number {
  const share = Math.log(Math.max(seconds, 1e-9) / from) / Math.log(to / from);
  return Math.min(1, Math.max(0, share));
}

export function secondsAt({ from, to }: LatencyDistribution, share: number): number {
  return from * Math.exp(Math.min(1, Math.max(0, share)) * Math.log(to / from));
}

/** Round times on the axis: powers of ten, and 2 and 5 times those while there is room. */
export function latencyTicks(
  distribution: LatencyDistribution,
  most: number,
): readonly { readonly share: number; readonly seconds: number }[] {
  const lowest = Math.floor(Math.log10(distribution.from));
  const highest = Math.ceil(Math.log10(distribution.to));
  for (const factors of [[1, 2, 5], [1, 3], [1]]) {
    const ticks = [];
    for (let power = lowest; power <= highest; power += 1) {
      for (const factor of factors) {
        const seconds = Number((factor * 10 ** power).toPrecision(1));
        if (seconds < distribution.from || seconds > distribution.to) continue;
        ticks.push({ share: shareOfAxis(distribution, seconds), seconds });
      }
    }
    if (ticks.length <= most) return ticks;
  }
  return [];
}

export function countOf(entries: readonly HistogramEntry[]): number {
  return entries.reduce((sum, { count }) => sum + count, 0);
}

export function countBetween(
  entries: readonly HistogramEntry[],
  from: number | undefined,
  to: number | undefined,
): number {
  return countOf(
    entries.filter(({ value }) => value >= (from ?? -Infinity) && value <= (to ?? Infinity)),
  );
}

/** The time that `share` of the requests did not exceed. */
export function percentile(entries: readonly HistogramEntry[], share: number): number | undefined {
  const wanted = countOf(entries) * share;
  let seen = 0;
  for (const { value, count } of entries) {
    seen += count;
    if (seen >= wanted) return value;
  }
  return undefined;
}

/** A limit as people write it: two digits, three from the microsecond's point of view on. */
export function roundedSeconds(seconds: number): number {
  return Number(Math.max(0, seconds).toPrecision(2));
}
