import assert from "node:assert/strict";
import { test } from "node:test";
import type { ServiceNode, Statistics } from "../src/api/service_graph";
import { filterFault, serviceFilter } from "../src/model/filter_text";
import { formatRate } from "../src/model/format";
import { layOut, NODE_RADIUS } from "../src/model/map_layout";
import { ringParts, statisticsWords } from "../src/model/ring";

const NOTHING: Statistics = { ok: 0, error: 0, throttle: 0, fault: 0, total: 0, totalResponseTime: 0 };

function node(id: number, name: string, targets: readonly number[] = []): ServiceNode {
  const edges = targets.map((target) => ({ target, statistics: NOTHING, link: false }));
  return { id, name, type: "", root: false, statistics: NOTHING, edges };
}

test("callers_stand_left_of_whom_they_call_and_nobody_stands_on_another", () => {
  const services = [
    node(0, "client", [1]),
    node(1, "shop", [2, 3, 4]),
    node(2, "stock", [4]),
    node(3, "mail"),
    node(4, "db"),
  ];
  const { nodes, edges, width, height } = layOut(services);
  const at = new Map(nodes.map((placed) => [placed.node.id, placed]));
  for (const { source, target } of edges) {
    assert.ok(at.get(source.id)!.x < at.get(target.id)!.x, `${source.name} -> ${target.name}`);
  }
  for (const a of nodes) {
    assert.ok(a.x >= NODE_RADIUS && a.x <= width - NODE_RADIUS);
    assert.ok(a.y >= NODE_RADIUS && a.y <= height - NODE_RADIUS);
    for (const b of nodes) {
      if (a === b) continue;
      assert.ok(Math.hypot(a.x - b.x, a.y - b.y) >= 2 * NODE_RADIUS, `${a.node.name} ${b.node.name}`);
    }
  }
  assert.equal(edges.length, 5);
});

test("the_map_is_the_same_in_whatever_order_its_services_come", () => {
  const services = [node(0, "a", [1, 2]), node(1, "b", [2]), node(2, "c", [0]), node(3, "d")];
  assert.deepEqual(layOut(services), layOut([...services].reverse()));
});

test("circles_self_calls_and_edges_to_nowhere_do_no_harm", () => {
  const { nodes, edges } = layOut([node(0, "a", [0, 1, 99]), node(1, "b", [0])]);
  assert.equal(nodes.length, 2);
  assert.deepEqual(edges.map(({ key }) => key).sort(), ["0-0", "0-1", "1-0"]);
  assert.deepEqual(layOut([]).nodes, []);
});

test("the_ring_is_split_in_proportion_worst_first", () => {
  const parts = ringParts({ ok: 5, error: 2, throttle: 1, fault: 2, total: 10, totalResponseTime: 1 });
  assert.deepEqual(
    parts.map(({ status, from, to }) => [status, Math.round(from * 100), Math.round(to * 100)]),
    [
      ["fault", 0, 20],
      ["throttle", 20, 30],
      ["error", 30, 50],
      ["ok", 50, 100],
    ],
  );
  assert.deepEqual(ringParts(NOTHING), []);
  assert.equal(statisticsWords(NOTHING), "nothing has ended yet");
});

test("a_filter_for_a_service_quotes_its_name", () => {
  assert.equal(serviceFilter('a "b"\\', ""), 'service(id(name: "a \\"b\\"\\\\"))');
  assert.equal(serviceFilter("db", "Database::SQL"), 'service(id(name: "db", type: "Database::SQL"))');
});

test("the_place_of_a_fault_is_found_in_what_x_ray_says", () => {
  const message = "Error Location: line 1, position 9 : Invalid input symbol: 'ok and  ]'";
  assert.deepEqual(filterFault(message, "ok and  ]"), { before: 8 });
  assert.deepEqual(filterFault("line 2, Error Location: line 2, position 1", "ok\n]"), { before: 3 });
  assert.deepEqual(filterFault("Error Location: line 9, position 99", "ok"), { before: 2 });
  assert.equal(filterFault("The store can't be read", "ok"), undefined);
});

test("rates_have_a_unit_and_few_digits", () => {
  assert.equal(formatRate(0), "0 /min");
  assert.equal(formatRate(0.01), "< 0.1 /min");
  assert.equal(formatRate(2.345), "2.3 /min");
  assert.equal(formatRate(48_213.4), "48,213 /min");
});
