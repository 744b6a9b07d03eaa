import assert from "node:assert/strict";
import { test } from "node:test";
import type { TraceSummary } from "../src/api/trace_summaries";
import { batchGetTracesCommand, traceSummariesCommand } from "../src/model/aws_command";
import { histogramOf, histogramTicks, roundedBounds } from "../src/model/traces/histogram";
import { batchesOf, readTraceFile, traceFile } from "../src/model/traces/trace_file";
import { NEWEST_FIRST, sorted, sortedBy } from "../src/model/traces/trace_sort";

const request = (responseTime: number | undefined, status: "ok" | "fault" = "ok") => ({
  responseTime,
  status,
});

test("every_finished_request_is_in_the_column_of_its_time", () => {
  const times = [0.0004, 0.01, 0.011, 0.3, 2, 0];
  const { columns, most } = histogramOf([...times.map((time) => request(time)), request(undefined)]);
  assert.equal(columns.reduce((sum, { total }) => sum + total, 0), times.length);
  for (const time of times.slice(0, 5)) {
    // A time on an edge may be in either of the two.
    const near = columns.filter(({ from, to }) => time > from * 0.9999 && time < to * 1.0001);
    assert.ok(near.some(({ total }) => total > 0), `${time}`);
  }
  assert.ok(columns.length <= 80 && most >= 1);
  columns.slice(1).forEach(({ from }, index) => {
    assert.ok(Math.abs(from / (columns[index]?.to ?? 0) - 1) < 1e-9);
  });
});

test("requests_that_took_alike_leave_room_around_their_column_and_none_give_no_chart", () => {
  assert.deepEqual(histogramOf([]), { columns: [], most: 0 });
  const { columns } = histogramOf([request(0.05), request(0.05, "fault")]);
  assert.ok(columns.length >= 8);
  const full = columns.filter(({ total }) => total > 0);
  assert.deepEqual([full.length, full[0]?.counts.get("fault")], [1, 1]);
});

test("columns_stay_where_they_are_as_requests_come", () => {
  const edges = (times: number[]) =>
    new Set(histogramOf(times.map((time) => request(time))).columns.map(({ from }) => from.toFixed(9)));
  const before = edges([0.012, 0.4]);
  const shared = [...edges([0.012, 0.013, 0.4, 0.39])].filter((edge) => before.has(edge));
  assert.equal(shared.length, before.size);
});

test("the_axis_has_few_round_times_and_bounds_hold_the_whole_of_their_columns", () => {
  const histogram = histogramOf([request(0.0012), request(4.4)]);
  const ticks = histogramTicks(histogram, 9);
  assert.ok(ticks.length >= 3 && ticks.length <= 9);
  assert.ok(ticks.every(({ share }) => share >= 0 && share <= 1));
  const [from, to] = roundedBounds(0.0125892541, 0.0199526231);
  assert.ok(from <= 0.0125892541 && to >= 0.0199526231);
  assert.deepEqual([from, to], [0.0125, 0.02]);
});

const summary = (start: number, duration: number | undefined, url: string): TraceSummary => ({
  id: `${start}`,
  start,
  duration,
  responseTime: duration,
  status: "ok",
  partial: false,
  service: "",
  method: "GET",
  url,
  httpStatus: 200,
  annotations: 0,
});

test("a_list_is_sorted_by_any_column_and_what_is_alike_stays_newest_first", () => {
  const list = [summary(1, 5, "/b"), summary(2, undefined, "/a"), summary(3, 5, "/a")];
  const ids = (sorting = NEWEST_FIRST) => sorted(list, sorting).map(({ id }) => id).join("");
  assert.equal(ids(), "321");
  const slowest = sortedBy(NEWEST_FIRST, "duration");
  assert.equal(ids(slowest), "231");
  assert.equal(ids(sortedBy(slowest, "duration")), "312");
  assert.equal(ids(sortedBy(NEWEST_FIRST, "request")), "321");
});

test("commands_of_the_aws_cli_are_quoted_for_a_shell", () => {
  const command = traceSummariesCommand("http://127.0.0.1:2000", { start: 0, end: 60.5 }, "user = \"o'x\"");
  assert.match(command, /--start-time 1970-01-01T00:00:00Z/);
  assert.match(command, /--end-time 1970-01-01T00:01:00\.500Z/);
  assert.ok(command.includes(`--filter-expression 'user = "o'\\''x"'`));
  assert.ok(!traceSummariesCommand("http://a", { start: 0, end: 1 }, "").includes("filter"));
  assert.match(batchGetTracesCommand("http://a", "1-0-a"), /batch-get-traces .*--trace-ids 1-0-a$/s);
});

test("a_file_gives_back_the_documents_that_were_put_into_it", () => {
  const documents = [
    '{"trace_id":"1-1-a","id":"1",\n "start_time":1.100000001}',
    '{"trace_id":"1-1-a","id":"2","inferred":true}',
    '{"trace_id":"1-2-b","id":"3","metadata":{"x":"\\n"}}',
  ];
  const content = readTraceFile(traceFile(documents));
  assert.deepEqual(content.traceIds, ["1-1-a", "1-2-b"]);
  // Numbers keep every digit.
  assert.match(content.documents[0] ?? "", /1\.100000001/);
  assert.equal(content.documents.length, 2);
  assert.equal(content.unreadable, 0);
});

test("what_other_tools_write_is_read_and_what_is_no_document_is_counted", () => {
  const document = { trace_id: "1-1-a", id: "1" };
  const text = JSON.stringify(document);
  for (const file of [
    JSON.stringify({ Traces: [{ Id: "1-1-a", Segments: [{ Id: "1", Document: text }] }] }, null, 2),
    JSON.stringify({ Id: "1-1-a", Segments: [document] }, null, 2),
    JSON.stringify({ TraceSegmentDocuments: [text] }),
    `{"format":"json","version":1}\n${text}\n`,
    `[${text}]`,
  ]) {
    const { documents, unreadable } = readTraceFile(file);
    assert.deepEqual([documents.length, unreadable], [1, 0], file);
  }
  assert.equal(readTraceFile("no\nJSON\n7\n").unreadable, 3);
  assert.deepEqual(readTraceFile("").documents, []);
});

test("documents_are_sent_in_requests_of_bounded_size", () => {
  const documents = Array.from({ length: 5 }, () => "x".repeat(900_000));
  assert.deepEqual(batchesOf(documents).map((batch) => batch.length), [2, 2, 1]);
  assert.deepEqual(batchesOf([]), []);
});
