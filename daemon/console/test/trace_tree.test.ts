import assert from "node:assert/strict";
import { test } from "node:test";
import { buildTraceTree, visibleNodes, type TraceTree } from "../src/model/trace/trace_tree";
import { findException, readCause } from "../src/model/trace/exceptions";
import { prettyJson } from "../src/model/json";
import { timelineMove } from "../src/components/trace/timeline_keys";

function build(...documents: object[]): TraceTree {
  return buildTraceTree(documents.map((document) => JSON.stringify(document)), 1000);
}

function shape(tree: TraceTree): string[] {
  return tree.nodes.map(({ depth, entity }) => `${"-".repeat(depth)}${entity.name}`);
}

const front = {
  name: "front",
  id: "f",
  start_time: 1,
  end_time: 5,
  subsegments: [
    { name: "second", id: "s2", start_time: 3, end_time: 4 },
    { name: "first", id: "s1", start_time: 2, end_time: 3 },
  ],
};
const back = { name: "back", id: "b", parent_id: "s1", start_time: 2.1, end_time: 2.9 };

test("a_segment_stands_below_the_subsegment_that_called_it_whatever_the_order", () => {
  const expected = ["front", "-first", "--back", "-second"];
  assert.deepEqual(shape(build(front, back)), expected);
  assert.deepEqual(shape(build(back, front)), expected);
  assert.deepEqual([build(back, front).start, build(back, front).end], [1, 5]);
});

test("a_segment_whose_caller_is_not_stored_is_a_root_and_does_not_stand_for_the_trace", () => {
  const tree = build({ ...back, parent_id: "nobody", start_time: 0 }, front);
  assert.equal(tree.roots[0]?.callerMissing, true);
  assert.equal(tree.root?.entity.name, "front");
});

test("circles_repeated_ids_and_rubbish_do_no_harm", () => {
  const circle = build(
    { name: "a", id: "a", parent_id: "b", start_time: 1, end_time: 2 },
    { name: "b", id: "b", parent_id: "a", start_time: 1, end_time: 2 },
    { name: "self", id: "c", parent_id: "c", start_time: 1, end_time: 2 },
  );
  assert.equal(circle.nodes.length, 3);
  const repeated = build(front, front, { name: 7, id: {}, start_time: "x", subsegments: [1, null] });
  assert.equal(new Set(repeated.nodes.map(({ key }) => key)).size, repeated.nodes.length);
  const rubbish = buildTraceTree(["", "[]", "null", "{", "{}"], 0);
  assert.equal(rubbish.unreadable, 4);
  assert.equal(rubbish.nodes.length, 1);
  assert.equal(buildTraceTree([], 0).root, undefined);
});

test("documents_nested_a_hundred_thousand_deep_are_read", () => {
  const deep = 100_000;
  const text = '{"subsegments":['.repeat(deep) + "{}" + "]}".repeat(deep);
  const tree = buildTraceTree([text], 0);
  assert.equal(tree.nodes.length, deep + 1);
  assert.equal(typeof prettyJson(tree.root?.entity.document), "string");
});

test("an_unfinished_trace_reaches_to_now_unless_it_has_been_silent_for_long", () => {
  const running = { name: "r", id: "r", start_time: 990, in_progress: true };
  assert.equal(build(running).end, 1000);
  assert.equal(build({ ...running, start_time: 1 }).end, 1);
});

test("keys_walk_close_and_open_the_tree", () => {
  const tree = build(front, back);
  const none: ReadonlySet<string> = new Set();
  const rows = visibleNodes(tree, none);
  const name = (key: string, index: number, collapsed = none) => {
    const move = timelineMove(key, visibleNodes(tree, collapsed), index, collapsed);
    return move && `${move.kind} ${move.node.entity.name}`;
  };
  assert.equal(name("ArrowDown", 0), "go first");
  assert.equal(name("ArrowDown", rows.length - 1), "go second");
  assert.equal(name("ArrowUp", 0), "go front");
  assert.equal(name("End", 0), "go second");
  assert.equal(name("ArrowLeft", 1), "collapse first");
  assert.equal(name("ArrowLeft", 2), "go first");
  assert.equal(name("ArrowRight", 0), "go first");
  const closed = new Set(["s1"]);
  assert.deepEqual(visibleNodes(tree, closed).map(({ key }) => key), ["f", "s1", "s2"]);
  assert.equal(name("ArrowRight", 1, closed), "expand first");
  assert.equal(name("x", 0), undefined);
});

test("an_exception_recorded_elsewhere_is_found_and_endless_stacks_are_cut_and_counted", () => {
  const stack = Array.from({ length: 500 }, (_, line) => ({ path: "p", line, label: "l" }));
  const failed = { ...back, cause: { exceptions: [{ id: "e", stack, truncated: 3 }] } };
  const tree = build({ ...front, cause: "e" }, failed);
  assert.equal(readCause(tree.root?.entity.document ?? {}).recordedElsewhere, "e");
  assert.equal(findException(tree, "e")?.entity.name, "back");
  const [exception] = readCause(failed).exceptions;
  assert.equal(exception?.frames.length, 200);
  assert.equal(exception?.framesLeftOut, 303);
});

test("inferred_segments_do_not_repeat_the_calls_that_they_were_made_of", () => {
  const call = { name: "db", id: "00000000000000b1", start_time: 1, end_time: 2, namespace: "remote" };
  const segment = { name: "shop", id: "00000000000000a1", start_time: 1, end_time: 2, subsegments: [call] };
  const inferred = { ...call, id: "00000000000000c1", parent_id: call.id, inferred: true };
  const tree = buildTraceTree([segment, inferred].map((one) => JSON.stringify(one)), 3);
  assert.deepEqual(tree.nodes.map(({ entity }) => entity.name), ["shop", "db"]);
  assert.equal(tree.segments, 1);
});
