// Figures over time: rows of the API put together to columns of equal length, gaps included.
import type { HistoryRow } from "../../api/service_history";
import type { Statistics } from "../../api/service_graph";

export interface HistoryColumn {
  /** Seconds since 1970, [start, end). */
  readonly start: number;
  readonly end: number;
  readonly statistics: Statistics;
}

const NOTHING: Statistics = { ok: 0, error: 0, throttle: 0, fault: 0, total: 0, totalResponseTime: 0 };
const MOST_COLUMNS = 60;
const LENGTHS = [60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];

/** What to ask for: X-Ray takes these two. */
export function periodFor(seconds: number): 60 | 300 {
  return seconds <= 6 * 3600 ? 60 : 300;
}

/** Columns over the whole of a time range, their edges at round times. */
export function historyColumns(
  rows: readonly HistoryRow[],
  range: { readonly start: number; readonly end: number },
): readonly HistoryColumn[] {
  const seconds = range.end - range.start;
  const length =
    LENGTHS.find((one) => seconds / one <= MOST_COLUMNS) ?? Math.ceil(seconds / MOST_COLUMNS / 86_400) * 86_400;
  const first = Math.floor(range.start / length);
  const sums = Array.from({ length: Math.ceil(range.end / length) - first }, () => NOTHING);
  for (const { end, statistics } of rows) {
    // A row is stamped with its end, which is the next one's start.
    const index = Math.ceil(end / length) - 1 - first;
    const sum = sums[index];
    if (sum) sums[index] = added(sum, statistics);
  }
  return sums.map((statistics, index) => ({
    start: (first + index) * length,
    end: (first + index + 1) * length,
    statistics,
  }));
}

function added(a: Statistics, b: Statistics): Statistics {
  return {
    ok: a.ok + b.ok,
    error: a.error + b.error,
    throttle: a.throttle + b.throttle,
    fault: a.fault + b.fault,
    total: a.total + b.total,
    totalResponseTime: a.totalResponseTime + b.totalResponseTime,
  };
}
