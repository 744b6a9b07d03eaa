import assert from "node:assert/strict";
import { test } from "node:test";
import { readNode, type Statistics } from "../src/api/service_graph";
import { incomingRequests } from "../src/model/map/incoming_requests";
import {
  countBetween,
  latencyDistribution,
  latencyTicks,
  percentile,
  roundedSeconds,
  secondsAt,
  shareOfAxis,
} from "../src/model/map/latency_distribution";
import { historyColumns, periodFor } from "../src/model/map/service_history";
import { betweenRange, localInputTime, parseTimeRange, timeRangeLabel } from "../src/model/time_range";

const TIMES = [
  { value: 0, count: 1 },
  { value: 0.012, count: 60 },
  { value: 0.02, count: 30 },
  { value: 1.5, count: 9 },
];

test("the_columns_of_a_histogram_hold_all_requests_and_nothing_else", () => {
  const { columns, most, from, to } = latencyDistribution(TIMES)!;
  const sum = columns.reduce((total, { share }) => total + share, 0);
  assert.ok(Math.abs(sum - 1) < 1e-9, `${sum}`);
  assert.equal(Math.max(...columns.map(({ share }) => share)), most);
  assert.ok(from > 0 && to > 1.5);
  assert.equal(latencyDistribution([]), undefined);
  // One value alone has room on both sides.
  const alone = latencyDistribution([{ value: 0.1, count: 3 }])!;
  assert.ok(alone.from <= 0.05 && alone.to >= 0.2);
});

test("a_place_on_the_axis_and_its_time_belong_together", () => {
  const distribution = latencyDistribution(TIMES)!;
  for (const share of [0, 0.25, 0.7, 1]) {
    assert.ok(Math.abs(shareOfAxis(distribution, secondsAt(distribution, share)) - share) < 1e-9);
  }
  assert.equal(shareOfAxis(distribution, 0), 0);
  assert.equal(shareOfAxis(distribution, 1e9), 1);
  const ticks = latencyTicks(distribution, 6);
  assert.ok(ticks.length >= 2 && ticks.length <= 6);
});

test("percentiles_and_counts_come_from_the_histogram", () => {
  assert.equal(percentile(TIMES, 0.5), 0.012);
  assert.equal(percentile(TIMES, 0.9), 0.02);
  assert.equal(percentile(TIMES, 0.99), 1.5);
  assert.equal(percentile([], 0.5), undefined);
  assert.equal(countBetween(TIMES, 0.012, 0.02), 90);
  assert.equal(countBetween(TIMES, undefined, 0.012), 61);
  assert.equal(countBetween(TIMES, 0.5, undefined), 9);
  assert.equal(roundedSeconds(0.123_456), 0.12);
  assert.equal(roundedSeconds(0), 0);
});

test("history_has_a_column_for_each_period_and_rows_in_the_one_they_ended_in", () => {
  const row = (end: number, ok: number): { end: number; statistics: Statistics } => ({
    end,
    statistics: { ok, error: 0, throttle: 0, fault: 1, total: ok + 1, totalResponseTime: 0.5 },
  });
  const start = 1_700_000_000;
  const minute = Math.floor(start / 60) * 60;
  const columns = historyColumns([row(minute + 60, 1), row(minute + 120, 2)], { start, end: start + 300 });
  assert.equal(columns[0]?.start, minute);
  assert.deepEqual(
    columns.map(({ statistics }) => statistics.total),
    [2, 3, 0, 0, 0, 0],
  );
  const day = historyColumns([row(minute + 60, 1), row(minute + 120, 2)], { start, end: start + 86_400 });
  assert.ok(day.length <= 61);
  assert.equal(day.reduce((sum, { statistics }) => sum + statistics.total, 0), 5);
  assert.deepEqual([periodFor(3600), periodFor(86_400)], [60, 300]);
});

test("a_range_between_two_local_times_survives_the_address", () => {
  const range = betweenRange("2026-11-22T15:12:00", "2026-11-22T15:42:30")!;
  assert.equal(range.kind, "between");
  assert.deepEqual(parseTimeRange(range.text), range);
  assert.equal(range.kind === "between" && localInputTime(range.start), "2026-11-22T15:12:00");
  assert.equal(timeRangeLabel(range), "22 Nov 15:12 – 15:42");
  assert.equal(betweenRange("2026-11-22T15:12:00", "2026-11-22T15:12:00"), undefined);
  assert.equal(betweenRange("", "2026-11-22T15:12:00"), undefined);
  assert.equal(timeRangeLabel(parseTimeRange("PT45M")), "45m");
});

test("requests_of_clients_and_of_services_nobody_is_seen_to_call_are_those_from_outside", () => {
  const counts = (ok: number) => ({ OkCount: ok, TotalCount: ok, TotalResponseTime: ok / 10 });
  const services = [
    { ReferenceId: 0, Name: "shop", Type: "client", Edges: [{ ReferenceId: 1, SummaryStatistics: counts(5) }] },
    { ReferenceId: 1, Name: "shop", SummaryStatistics: counts(8), Edges: [{ ReferenceId: 2, SummaryStatistics: counts(5) }] },
    { ReferenceId: 2, Name: "stock", SummaryStatistics: counts(6), Edges: [{ ReferenceId: 1, SummaryStatistics: counts(3) }] },
    { ReferenceId: 3, Name: "behind a proxy", SummaryStatistics: counts(4), Edges: [] },
    { ReferenceId: 4, Name: "begun", Edges: [] },
  ].map(readNode);
  const { ok, total } = incomingRequests(services);
  assert.deepEqual([ok, total], [9, 9]);
});

test("times_of_other_years_say_so_and_offsets_of_addresses_are_understood", () => {
  const year = betweenRange("2024-11-22T15:12:00", "2025-11-22T15:42:00");
  assert.ok(year);
  assert.equal(timeRangeLabel(year), "22 Nov 2024 15:12 – 22 Nov 2025 15:42");
  const query = new URLSearchParams("t=2026-11-22T10:00:00+05:45~2026-11-22T11:00:00+05:45");
  const range = parseTimeRange(query.get("t"));
  assert.equal(range.kind === "between" && range.start, Date.parse("2026-11-22T04:15:00Z") / 1000);
});
