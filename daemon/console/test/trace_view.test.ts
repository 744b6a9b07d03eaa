import assert from "node:assert/strict";
import { test } from "node:test";
import { criticalPath } from "../src/model/trace/critical_path";
import { flatMembers } from "../src/model/trace/flat_members";
import { selfTimeOf } from "../src/model/trace/self_time";
import { readLinks } from "../src/model/trace/trace_links";
import { linesWith } from "../src/model/trace/trace_search";
import {
  buildTraceTree,
  collapsedBelowRoots,
  collapsedToFailures,
  mayGrow,
  visibleNodes,
} from "../src/model/trace/trace_tree";

const line = (name: string, from: number, to: number, subsegments: object[] = [], more = {}) => ({
  name,
  id: name,
  start_time: from,
  end_time: to,
  subsegments,
  ...more,
});

function build(...documents: object[]) {
  return buildTraceTree(documents.map((document) => JSON.stringify(document)), 1000);
}

test("the_critical_path_is_always_in_the_child_that_ended_last", () => {
  const tree = build(
    line("root", 0, 10, [
      line("early", 1, 4),
      line("beside", 2, 6),
      line("late", 6, 9, [line("inner", 7, 8)]),
      line("unaffected", 6.5, 7),
    ]),
  );
  const root = tree.root;
  assert.ok(root);
  const path = criticalPath(root);
  const parts = (key: string) => (path.get(key) ?? []).map(({ start, end }) => [start, end]);
  assert.deepEqual(parts("root"), [[9, 10], [0, 2]]);
  assert.deepEqual(parts("late"), [[8, 9], [6, 7]]);
  assert.deepEqual(parts("inner"), [[7, 8]]);
  assert.deepEqual(parts("beside"), [[2, 6]]);
  assert.deepEqual(parts("early"), []);
  assert.deepEqual(parts("unaffected"), []);
  const sum = [...path.values()].flat().reduce((all, { start, end }) => all + end - start, 0);
  assert.equal(sum, 10);
});

test("a_child_under_way_before_its_caller_counts_from_its_callers_start", () => {
  const tree = build(line("root", 0, 10, [line("call", 4, 9, [line("skewed", 1, 8)])]));
  assert.ok(tree.root);
  const path = criticalPath(tree.root);
  assert.deepEqual(path.get("skewed"), [{ start: 4, end: 8 }]);
  const sum = [...path.values()].flat().reduce((all, { start, end }) => all + end - start, 0);
  assert.equal(sum, 10);
});

test("a_young_trace_may_grow_while_a_call_or_a_caller_has_not_arrived", () => {
  const traced = { http: { request: { traced: true } } };
  const calling = build(line("root", 0, 10, [line("call", 1, 9, [], traced)]));
  assert.ok(mayGrow(calling, 20));
  assert.ok(!mayGrow(calling, 100));
  assert.ok(!mayGrow(build(line("root", 0, 10, [line("call", 1, 9)])), 20));
  assert.ok(mayGrow(build(line("root", 0, 10, [], { parent_id: "elsewhere" })), 20));
});

test("children_that_outlive_their_caller_count_up_to_its_end_and_unended_lines_do_no_harm", () => {
  const tree = build(line("root", 0, 10, [line("over", 5, 12)]));
  assert.ok(tree.root);
  assert.deepEqual(criticalPath(tree.root).get("over"), [{ start: 5, end: 10 }]);
  const open = build({ name: "r", id: "r", start_time: 1, in_progress: true });
  assert.ok(open.root);
  assert.equal(criticalPath(open.root).size, 0);
  assert.equal(selfTimeOf(open.root), undefined);
});

test("self_time_is_what_no_child_covers_however_they_overlap", () => {
  const tree = build(line("root", 0, 10, [line("a", 1, 4), line("b", 3, 5), line("c", 9, 12)]));
  assert.ok(tree.root);
  assert.equal(selfTimeOf(tree.root), 5);
});

test("a_search_finds_names_ids_addresses_statements_annotations_and_exceptions", () => {
  const tree = build(
    line("shop", 0, 10, [
      line("db", 1, 2, [], { sql: { sanitized_query: "SELECT Stock FROM items" } }),
      line("call", 2, 3, [], {
        http: { request: { url: "http://x/reserve" }, response: { status: 503 } },
        annotations: { tenant: "acme", odd: { deep: 1 } },
        cause: { exceptions: [{ type: "Busy", message: "try later" }] },
      }),
    ]),
  );
  const found = (words: string) => linesWith(tree, words).map(({ entity }) => entity.name);
  assert.deepEqual(found("stock"), ["db"]);
  assert.deepEqual(found("tenant=acme"), ["call"]);
  assert.deepEqual(found("RESERVE 503"), ["call"]);
  assert.deepEqual(found("try later"), ["call"]);
  assert.deepEqual(found("  "), []);
  assert.deepEqual(found("a.*b["), []);
});

test("all_is_collapsed_but_the_roots_or_but_the_ways_to_failures", () => {
  const tree = build(
    line("root", 0, 10, [
      line("good", 1, 2, [line("g1", 1, 2)]),
      line("bad", 2, 3, [line("b1", 2, 3, [line("b2", 2, 3)], { fault: true })]),
    ]),
  );
  const shown = (collapsed: ReadonlySet<string>) =>
    visibleNodes(tree, collapsed).map(({ entity }) => entity.name);
  assert.deepEqual(shown(collapsedBelowRoots(tree)), ["root", "good", "bad"]);
  assert.deepEqual(shown(collapsedToFailures(tree)), ["root", "good", "bad", "b1"]);
});

test("links_to_other_traces_are_read_and_nonsense_is_none", () => {
  const id = "1-5759e988-bd862e3fe1be46a994272793";
  const links = [
    { trace_id: id, id: "53995c3f42cd8ad8", attributes: { kind: "queue" } },
    { trace_id: "javascript:alert(1)" },
    7,
  ];
  assert.deepEqual(readLinks({ links }), [
    { traceId: id, id: "53995c3f42cd8ad8", attributes: { kind: "queue" } },
  ]);
  assert.deepEqual(readLinks({ links: "no" }), []);
});

test("members_of_members_have_joined_names_and_endless_ones_are_cut", () => {
  assert.deepEqual(flatMembers({ a: 1, x: { sdk: "cpp", y: { z: [1] } }, e: {} }, 10).shown, [
    { name: "a", value: "1" },
    { name: "x.sdk", value: "cpp" },
    { name: "x.y.z", value: "[1]" },
    { name: "e", value: "{}" },
  ]);
  const wide = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, index]));
  const { shown, more } = flatMembers(wide, 10);
  assert.deepEqual([shown.length, more], [10, true]);
});
