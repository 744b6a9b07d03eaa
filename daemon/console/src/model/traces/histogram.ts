// How long requests took: counts in columns of equal width on a logarithmic axis.
import type { Status } from "../status";

export interface HistogramColumn {
  /** Seconds, [from, to). */
  readonly from: number;
  readonly to: number;
  readonly total: number;
  readonly counts: ReadonlyMap<Status, number>;
}

export interface Histogram {
  readonly columns: readonly HistogramColumn[];
  /** The count of the highest column. */
  readonly most: number;
}

interface Request {
  readonly responseTime: number | undefined;
  readonly status: Status;
}

const MOST_COLUMNS = 80;
const LEAST_SECONDS = 1e-6;
/** Widths of a column as parts of a power of ten: its edges stay where they are as requests come. */
const WIDTHS = [0.05, 0.1, 0.2, 0.5];

export function histogramOf(requests: readonly Request[]): Histogram {
  let least = Infinity;
  let greatest = -Infinity;
  for (const { responseTime } of requests) {
    if (responseTime === undefined) continue;
    const time = Math.log10(Math.max(responseTime, LEAST_SECONDS));
    least = Math.min(least, time);
    greatest = Math.max(greatest, time);
  }
  if (least > greatest) return { columns: [], most: 0 };
  const width = WIDTHS.find((size) => (greatest - least) / size <= MOST_COLUMNS - 2) ?? 1;
  // What is alike would be one column as wide as the page.
  const spare = Math.max(0, Math.ceil((24 * width - (greatest - least)) / 2 / width));
  const first = Math.floor(least / width) - spare;
  const last = Math.floor(greatest / width) + spare;
  const counts = Array.from({ length: last - first + 1 }, () => new Map<Status, number>());
  for (const { responseTime, status } of requests) {
    if (responseTime === undefined) continue;
    const time = Math.log10(Math.max(responseTime, LEAST_SECONDS));
    const column = counts[Math.floor(time / width) - first];
    column?.set(status, (column.get(status) ?? 0) + 1);
  }
  const columns = counts.map((column, index) => ({
    from: 10 ** ((first + index) * width),
    to: 10 ** ((first + index + 1) * width),
    total: [...column.values()].reduce((sum, count) => sum + count, 0),
    counts: column,
  }));
  return { columns, most: Math.max(...columns.map(({ total }) => total)) };
}

/** Seconds with three digits, down or up: a filter with both takes the whole of the columns. */
export function roundedBounds(from: number, to: number): readonly [number, number] {
  const rounded = (seconds: number, round: (value: number) => number) => {
    const scale = 10 ** (2 - Math.floor(Math.log10(seconds)));
    return Number((round(seconds * scale) / scale).toPrecision(3));
  };
  return [rounded(from, Math.floor), rounded(to, Math.ceil)];
}

export interface HistogramTick {
  readonly share: number;
  readonly seconds: number;
}

/** Round times on the axis: powers of ten, and 2 and 5 times those where there is room. */
export function histogramTicks({ columns }: Histogram, most: number): readonly HistogramTick[] {
  const first = columns[0];
  const last = columns[columns.length - 1];
  if (!first || !last) return [];
  const from = Math.log10(first.from);
  const span = Math.log10(last.to) - from;
  for (const factors of [[1, 2, 5], [1, 3], [1]]) {
    const ticks: HistogramTick[] = [];
    for (let power = Math.floor(from); power <= Math.ceil(from + span); power += 1) {
      for (const factor of factors) {
        const share = (power + Math.log10(factor) - from) / span;
        if (share >= 0 && share <= 1) ticks.push({ share, seconds: factor * 10 ** power });
      }
    }
    if (ticks.length <= most) return ticks;
  }
  return [];
}
