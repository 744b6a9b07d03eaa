import type { SamplingWindow } from "./sampling_rule";

/** xrayd keeps half an hour of windows of ten seconds; a column is a minute. */
const MINUTES = 30;

export interface SamplingCounts {
  readonly requests: number;
  readonly sampled: number;
  readonly borrowed: number;
  /** Requests and those of them that were recorded by minute, oldest first. */
  readonly minutes: readonly { readonly requests: number; readonly sampled: number }[];
}

export const NO_COUNTS: SamplingCounts = { requests: 0, sampled: 0, borrowed: 0, minutes: [] };

/** What was reported of each rule within the last half hour. */
export function countsByRule(
  windows: readonly SamplingWindow[],
  nowSeconds: number,
): ReadonlyMap<string, SamplingCounts> {
  interface Sum {
    requests: number;
    sampled: number;
    borrowed: number;
    minutes: { requests: number; sampled: number }[];
  }
  const byRule = new Map<string, Sum>();
  const last = Math.floor(nowSeconds / 60);
  for (const { rule, start, requests, sampled, borrowed } of windows) {
    let sum = byRule.get(rule);
    if (!sum) {
      const minutes = Array.from({ length: MINUTES }, () => ({ requests: 0, sampled: 0 }));
      sum = { requests: 0, sampled: 0, borrowed: 0, minutes };
      byRule.set(rule, sum);
    }
    sum.requests += requests;
    sum.sampled += sampled;
    sum.borrowed += borrowed;
    const minute = sum.minutes[MINUTES - 1 - (last - Math.floor(start / 60))];
    if (!minute) continue;
    minute.requests += requests;
    minute.sampled += sampled;
  }
  return byRule;
}
