import assert from "node:assert/strict";
import { test } from "node:test";
import type { ServiceNode, Statistics } from "../src/api/service_graph";
import { filterFault, requestsFilter, serviceFilter } from "../src/model/traces/filter_text";
import { formatRate } from "../src/model/format";
import { nameSizeAt } from "../src/model/map/map_detail";
import { litBy, nodesFound, nodeTowards, touching } from "../src/model/map/map_focus";
import { NODE_RADIUS } from "../src/model/map/map_geometry";
import { drawn, type MapLayout } from "../src/model/map/map_layout";
import { isMoved, partWay } from "../src/model/map/map_motion";
import { nodeLabel } from "../src/model/map/map_node";
import { followed, layOut, planned } from "../src/model/map/map_plan";
import { sceneOf } from "../src/model/map/map_scene";
import { subjectOf } from "../src/model/map/map_subject";
import { textWidth } from "../src/model/map/map_text";
import { fitted, homeView, keptInSight, LEGIBLE, NO_INSETS, revealed, zoomed } from "../src/model/map/map_view";
import { ringParts, statisticsWords } from "../src/model/map/ring";
import { OUTCOMES, type Outcome } from "../src/model/status";

const NOTHING: Statistics = { ok: 0, error: 0, throttle: 0, fault: 0, total: 0, totalResponseTime: 0 };

function node(id: number, name: string, targets: readonly number[] = [], type = ""): ServiceNode {
  const edges = targets.map((target) => ({ target, statistics: NOTHING, responseTimes: [], link: false }));
  return { id, name, type, account: "", root: false, statistics: NOTHING, responseTimes: [], edges };
}

const SHOP = [
  node(0, "client", [1]),
  node(1, "shop", [2, 3, 4]),
  node(2, "stock", [4]),
  node(3, "mail"),
  node(4, "db"),
];

function placesOf({ nodes }: MapLayout) {
  return new Map(nodes.map(({ node: { name }, x, y }) => [name, { x, y }]));
}

function assertNobodyStandsOnAnother({ nodes }: MapLayout): void {
  for (const a of nodes) {
    for (const b of nodes) {
      if (a === b) continue;
      assert.ok(Math.hypot(a.x - b.x, a.y - b.y) >= 2 * NODE_RADIUS, `${a.node.name} ${b.node.name}`);
    }
  }
}

test("callers_stand_left_of_whom_they_call_and_nobody_stands_on_another", () => {
  const layout = layOut(SHOP);
  const { nodes, edges, bounds } = layout;
  const at = placesOf(layout);
  for (const { source, target } of edges) {
    assert.ok(at.get(source.name)!.x < at.get(target.name)!.x, `${source.name} -> ${target.name}`);
  }
  for (const { x, y } of nodes) {
    assert.ok(x - NODE_RADIUS >= bounds.x && x + NODE_RADIUS <= bounds.x + bounds.width);
    assert.ok(y - NODE_RADIUS >= bounds.y && y + NODE_RADIUS <= bounds.y + bounds.height);
  }
  assertNobodyStandsOnAnother(layout);
  assert.equal(edges.length, 5);
});

test("a_narrow_window_gets_a_narrower_map", () => {
  const narrow = layOut(SHOP, "narrow");
  assert.ok(narrow.bounds.width < layOut(SHOP).bounds.width);
  assertNobodyStandsOnAnother(narrow);
  // A long chain fits a phone from above.
  const chain = Array.from({ length: 8 }, (_, id) => node(id, `s${id}`, id < 7 ? [id + 1] : []));
  const at = placesOf(layOut(chain, "narrow"));
  assert.equal(at.get("s0")!.x, at.get("s7")!.x);
  assert.ok(at.get("s0")!.y < at.get("s7")!.y);
});

test("the_map_is_the_same_in_whatever_order_its_services_come", () => {
  const services = [node(0, "a", [1, 2]), node(1, "b", [2]), node(2, "c", [0]), node(3, "d")];
  assert.deepEqual(layOut(services), layOut([...services].reverse()));
});

test("circles_self_calls_and_edges_to_nowhere_do_no_harm", () => {
  const { nodes, edges } = layOut([node(0, "a", [0, 1, 99]), node(1, "b", [0])]);
  assert.equal(nodes.length, 2);
  assert.deepEqual(edges.map(({ source, target }) => source.name + target.name).sort(), ["aa", "ab", "ba"]);
  for (const { path, arrow } of edges) assert.doesNotMatch(path + arrow, /NaN|undefined/);
  assert.deepEqual(layOut([]).nodes, []);
});

test("what_came_later_finds_a_place_and_nothing_else_moves", () => {
  const before = planned(SHOP, "wide");
  const later = [
    node(0, "cache", [], "AWS::ElastiCache"),
    node(1, "client", [2]),
    node(2, "shop", [0, 3, 4, 5, 6]),
    node(3, "stock", [5]),
    node(4, "mail", [7]),
    node(5, "db"),
    node(6, "search"),
    node(7, "smtp.example", [], "remote"),
  ];
  const after = drawn(followed(before, later), later);
  const old = placesOf(drawn(before, SHOP));
  const now = placesOf(after);
  for (const [name, place] of old) assert.deepEqual(now.get(name), place, name);
  assertNobodyStandsOnAnother(after);
  assert.ok(now.get("cache")!.x > now.get("shop")!.x);
  assert.ok(now.get("smtp.example")!.x > now.get("mail")!.x);
});

test("the_same_services_keep_their_plan", () => {
  const plan = planned(SHOP, "wide");
  assert.equal(followed(plan, SHOP), plan);
});

test("once_something_has_left_the_map_is_what_a_fresh_page_would_show", () => {
  const chain = [node(0, "web", [1], "client"), node(1, "web", [2]), node(2, "stock", [3]), node(3, "db")];
  // For one refresh half of a trace looks like clients of stock.
  const half = [...chain, node(4, "stock", [2], "client")];
  const reloaded = followed(planned(half, "wide"), chain);
  assert.deepEqual(drawn(reloaded, chain), layOut(chain));
  const ys = new Set(layOut(chain).nodes.map(({ y }) => y));
  assert.equal(ys.size, 1, "a chain is straight");
  // Whoever saw the chain first sees nothing move, neither when it comes nor when it goes.
  const first = planned(chain, "wide");
  const during = followed(first, half);
  assert.ok(!isMoved(drawn(first, chain), drawn(during, half)));
  assert.deepEqual(drawn(followed(during, chain), chain), drawn(first, chain));
  // A call that is no longer made is one that left.
  const fewer = chain.map((one) => (one.id === 2 ? node(2, "stock") : one));
  assert.deepEqual(drawn(followed(first, fewer), fewer), layOut(fewer));
});

test("nothing_moves_under_the_readers_hand_and_what_has_left_may_come_back", () => {
  const plan = planned(SHOP, "wide");
  const fewer = SHOP.slice(0, 4);
  const held = followed(plan, fewer, false);
  assert.ok(!isMoved(drawn(plan, SHOP), drawn(held, fewer)));
  assert.deepEqual(drawn(followed(held, SHOP), SHOP), layOut(SHOP));
  assert.deepEqual(drawn(followed(held, fewer), fewer), layOut(fewer));
});

test("nodes_go_all_the_way_to_their_new_places", () => {
  const from = layOut([...SHOP, node(5, "stock", [2], "client"), node(6, "zoo", [2], "client")]);
  const to = layOut(SHOP);
  assert.ok(isMoved(from, to));
  const [start, half, end] = [0, 0.5, 1].map((share) => placesOf(partWay(from, to, share)));
  for (const [name, { x, y }] of placesOf(to)) {
    if (name === "stock") continue;
    const before = placesOf(from).get(name)!;
    assert.deepEqual(start!.get(name), before);
    assert.deepEqual(half!.get(name), { x: (x + before.x) / 2, y: (y + before.y) / 2 });
    assert.deepEqual(end!.get(name), { x, y });
  }
});

test("where_most_is_new_the_map_is_planned_afresh", () => {
  const plan = planned(SHOP.slice(3, 4), "wide");
  assert.deepEqual(drawn(followed(plan, SHOP), SHOP), layOut(SHOP));
});

/** A gateway before many. */
function siblings(count: number): ServiceNode[] {
  const called = Array.from({ length: count }, (_, index) => node(index + 2, `s${index}`));
  return [node(0, "client", [1]), node(1, "gateway", called.map(({ id }) => id)), ...called];
}

/** Six ranks, each node calling two or three of the ranks after its own. */
function layers(count: number): ServiceNode[] {
  const rank = count / 6;
  return Array.from({ length: count }, (_, id) => {
    const first = (Math.floor(id / rank) + 1) * rank;
    const calls = [7, 31, 64].map((step) => Math.floor(first + ((id * step) % (rank * 1.3))));
    return node(id, `s${id}`, [...new Set(calls)].filter((target) => target < count));
  });
}

test("five_hundred_services_are_laid_out_in_less_than_some_seconds", () => {
  const tree = Array.from({ length: 500 }, (_, id) =>
    node(id, `s${id}`, [1, 2, 3].map((child) => id * 3 + child).filter((child) => child < 500)),
  );
  for (const services of [tree, siblings(498), layers(500)]) {
    const began = performance.now();
    const layout = layOut(services);
    assert.equal(layout.nodes.length, 500);
    assert.ok(performance.now() - began < 2000, `${performance.now() - began} ms`);
    assertNobodyStandsOnAnother(layout);
    // Figures alone are drawn at once.
    const again = performance.now();
    drawn(followed(layout.plan, services), services);
    assert.ok(performance.now() - again < 500, `${performance.now() - again} ms`);
  }
});

test("ranks_of_many_stand_in_columns_in_the_order_of_their_names", () => {
  for (const room of ["wide", "narrow"] as const) {
    const layout = layOut(siblings(500), room);
    const { width, height } = layout.bounds;
    assert.ok(width / height > 0.3 && width / height < 3, `${room}: ${width} x ${height}`);
    assertNobodyStandsOnAnother(layout);
    const isDown = layout.plan.direction === "down";
    const called = layout.nodes.filter(({ node: { id } }) => id > 1);
    const inReading = [...called].sort((a, b) => (isDown ? a.x - b.x || a.y - b.y : a.y - b.y || a.x - b.x));
    assert.deepEqual(inReading.map(({ node: { name } }) => name), called.map((_, index) => `s${index}`));
  }
  // A few stand below one another.
  const few = layOut(siblings(6)).nodes.filter(({ node: { id } }) => id > 1);
  assert.equal(new Set(few.map(({ x }) => x)).size, 1);
});

test("whatever_calls_whatever_nobody_stands_on_another_and_everybody_is_within_the_bounds", () => {
  let state = 1;
  const random = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let graph = 0; graph < 150; graph += 1) {
    const count = 1 + random(40);
    const services = Array.from({ length: count }, (_, id) =>
      node(id, `s${random(count)}`, Array.from({ length: random(4) }, () => random(count)), `t${id}`),
    );
    for (const room of ["wide", "narrow", "band", "narrowBand"] as const) {
      const layout = layOut(services, room);
      assert.equal(layout.nodes.length, count);
      assertNobodyStandsOnAnother(layout);
      const { x: left, y: top, width, height } = layout.bounds;
      for (const { x, y } of layout.nodes) {
        assert.ok(x - NODE_RADIUS >= left && x + NODE_RADIUS <= left + width, `${graph} ${room}`);
        assert.ok(y - NODE_RADIUS >= top && y + NODE_RADIUS <= top + height, `${graph} ${room}`);
      }
      for (const { path, arrow } of layout.edges) assert.doesNotMatch(path + arrow, /NaN|Infinity|undefined/);
    }
  }
});

test("lines_into_columns_pass_between_the_rows", () => {
  const { nodes, edges } = layOut(siblings(60));
  for (const { path, target } of edges.filter(({ source }) => source.name === "gateway")) {
    const stations = path.split("C").map((part) => part.split(" ").slice(-2).map((text) => Number(text.replace("M", ""))));
    for (const [x, y] of stations.slice(1, -1) as [number, number][]) {
      for (const other of nodes) {
        assert.ok(Math.hypot(other.x - x, other.y - y) > NODE_RADIUS, `${target.name} at ${other.node.name}`);
      }
    }
  }
});

test("services_that_have_nothing_to_do_with_one_another_share_the_window", () => {
  const pairs = Array.from({ length: 40 }, (_, id) => node(id, `s${id >> 1}`, id % 2 ? [] : [id + 1], id % 2 ? "" : "client"));
  const layout = layOut(pairs);
  assertNobodyStandsOnAnother(layout);
  assert.ok(layout.bounds.width / layout.bounds.height > 1, JSON.stringify(layout.bounds));
});

test("arrows_lead_to_the_neighbour_that_lies_there", () => {
  const { nodes } = layOut(SHOP);
  const named = (name: string) => nodes.find((placed) => placed.node.name === name);
  assert.equal(nodeTowards(nodes, undefined, "ArrowRight")?.node.name, "client");
  assert.equal(nodeTowards(nodes, named("client"), "ArrowRight")?.node.name, "shop");
  assert.equal(nodeTowards(nodes, named("shop"), "ArrowLeft")?.node.name, "client");
  assert.equal(nodeTowards(nodes, named("client"), "ArrowLeft"), undefined);
  assert.equal(nodeTowards(nodes, named("shop"), "Enter"), undefined);
  // From each service all others can be reached.
  const reached = new Set(["client"]);
  for (const name of reached) {
    for (const key of ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]) {
      const next = nodeTowards(nodes, named(name), key);
      if (next) reached.add(next.node.name);
    }
  }
  assert.equal(reached.size, 5);
});

test("a_service_is_found_by_words_of_its_name_and_type", () => {
  const { nodes } = layOut([node(0, "shop"), node(1, "workshop"), node(2, "t", [], "AWS::DynamoDB::Table")]);
  const names = (text: string) => nodesFound(nodes, text).map((placed) => placed.node.name);
  assert.deepEqual(names("SHOP"), ["shop", "workshop"]);
  assert.deepEqual(names("dynamo t"), ["t"]);
  assert.deepEqual(names("  "), []);
});

test("a_node_touches_its_calls_and_their_ends", () => {
  const layout = layOut(SHOP);
  const stock = layout.nodes.find((placed) => placed.node.name === "stock")!;
  const near = touching(layout, stock.key);
  assert.deepEqual(
    layout.nodes.filter(({ key }) => near.has(key)).map((placed) => placed.node.name),
    ["db", "shop", "stock"],
  );
  assert.equal(layout.edges.filter(({ key }) => near.has(key)).length, 2);
  assert.equal(litBy(layout, "fault").size, 0);
});

test("an_address_selects_a_node_or_an_edge_or_nothing", () => {
  const layout = layOut([node(0, "web", [1], "client"), node(1, "web", [2]), node(2, "db", [], "Database::SQL")]);
  assert.equal(subjectOf(layout, 'service(id(name: "db", type: "Database::SQL"))')?.name, "db");
  const edge = 'edge(id(name: "web"), id(name: "db", type: "Database::SQL"))';
  assert.equal(subjectOf(layout, edge)?.name, "web → db");
  assert.equal(subjectOf(layout, "service(1)"), undefined);
  // A client has no requests but those of its call.
  const client = subjectOf(layout, 'service(id(name: "web", type: "client"))');
  assert.equal(client?.selector, 'edge(id(name: "web", type: "client"), id(name: "web"))');
  assert.equal(client?.name, "Clients of web");
});

test("labels_show_what_tells_names_apart", () => {
  const label = (name: string, type = "", room = 200) => nodeLabel(node(0, name, [], type), room, 14);
  assert.deepEqual(label("arn:aws:sns:eu-central-1:000000000000:orders"), { name: "orders", type: "service" });
  assert.equal(label("https://sqs.eu-central-1.amazonaws.com/000000000000/orders").name, "orders");
  assert.equal(label("web", "client").name, "Clients");
  const long = label("a-service-with-a-very-long-name-2").name;
  assert.match(long, /^a-service-wi.*….*name-2$/);
  assert.equal(label("service-1234", "", 70).name, "s…1234");
  assert.equal(label("cart-service", "", 70).name, "cart-s…");
  assert.equal(label("payments-service", "", 70).name, "payme…");
  assert.equal(label("a\u202eb").name, "a⟨U+202E⟩b");
  assert.equal(label("t", "AWS::DynamoDB::Table", 130).type, "DynamoDB::Table");
});

test("names_are_written_so_large_that_they_can_be_read_and_not_wider_than_their_room", () => {
  for (const { nodes } of [layOut(SHOP), layOut(siblings(300)), layOut(siblings(40), "narrow")]) {
    for (const scale of [1.3, 1, 0.8, 0.6, 0.45, 0.3, 0.26]) {
      const size = nameSizeAt(scale);
      assert.ok(size * scale >= 11, `${scale}`);
      for (const { node: one, labelRoom } of nodes) {
        const { name } = nodeLabel(one, labelRoom, size);
        assert.ok(textWidth(name, size) <= labelRoom, `${name} ${labelRoom}`);
      }
    }
  }
});

const CORNER = { width: 190, height: 52 };

test("a_map_shown_whole_lies_clear_of_the_buttons_and_the_panel", () => {
  const windows = [
    [layOut(SHOP), { width: 1390, height: 710 }],
    [layOut(SHOP), { width: 974, height: 580 }],
    [layOut(SHOP, "narrow"), { width: 390, height: 610 }],
    [layOut(siblings(300)), { width: 1390, height: 710 }],
    [layOut(SHOP, "narrowBand"), { width: 364, height: 220 }],
  ] as const;
  for (const [layout, frame] of windows) {
    for (const insets of [NO_INSETS, { ...NO_INSETS, right: 392 }]) {
      if (frame.width < 700 && insets.right > 0) continue;
      const view = homeView(sceneOf(layout, undefined), frame, insets, CORNER);
      for (const { x, y, width, height } of sceneOf(layout, undefined).boxes) {
        const [left, top] = [x * view.scale + view.x, y * view.scale + view.y];
        const [right, bottom] = [left + width * view.scale, top + height * view.scale];
        assert.ok(left >= 0 && top >= 8 && right <= frame.width - insets.right && bottom <= frame.height);
        assert.ok(left >= CORNER.width - 1 || bottom <= frame.height - CORNER.height + 1, `${left} ${bottom}`);
      }
    }
  }
});

test("a_panel_leaves_what_it_is_about_and_its_neighbours_in_sight", () => {
  const frame = { width: 974, height: 580 };
  const insets = { ...NO_INSETS, right: 392 };
  for (const services of [SHOP, layers(120), siblings(300)]) {
    const layout = layOut(services);
    for (const { key } of layout.nodes.slice(0, 40)) {
      const scene = sceneOf(layout, key);
      const view = homeView(scene, frame, insets, CORNER);
      assert.ok(view.scale >= LEGIBLE * 0.9, `${view.scale}`);
      const { itself, near } = scene.focus!;
      const fits = near.width * LEGIBLE <= frame.width - insets.right && near.height * LEGIBLE <= frame.height;
      const box = fits ? near : itself;
      const [left, top] = [box.x * view.scale + view.x, box.y * view.scale + view.y];
      assert.ok(left >= -1 && left + box.width * view.scale <= frame.width - insets.right + 1, `${left} ${key}`);
      assert.ok(top >= -1 && top + box.height * view.scale <= frame.height + 1, `${top} ${key}`);
    }
  }
});

test("the_view_zooms_about_the_pointer_and_keeps_the_map_in_sight", () => {
  const bounds = { x: 0, y: 0, width: 1000, height: 400 };
  const frame = { width: 500, height: 300 };
  const whole = fitted(bounds, frame);
  assert.deepEqual([whole.scale, whole.x, whole.y].map((one) => Math.round(one * 1000)), [476, 12_000, 54_800]);
  assert.equal(fitted({ ...bounds, width: 10, height: 10 }, frame, NO_INSETS, 1.3).scale, 1.3);
  const near = zoomed({ scale: 0.5, x: 0, y: 50 }, { x: 250, y: 150 }, 2);
  assert.deepEqual(near, { scale: 1, x: -250, y: -50 });
  assert.ok(zoomed(whole, { x: 0, y: 0 }, 1e9).scale <= 3);
  assert.ok(zoomed(whole, { x: 0, y: 0 }, 1e-9).scale > 0);
  assert.equal(keptInSight({ ...near, x: -5000 }, bounds, frame).x, 80 - 1000);
  assert.equal(keptInSight({ ...near, x: 5000 }, bounds, frame).x, 500 - 80);
  const shown = revealed(near, { x: 990, y: 200 }, frame, { ...NO_INSETS, right: 200 }, 50);
  assert.deepEqual(shown, { scale: 1, x: 300 - 50 - 990, y: -50 });
  assert.deepEqual(revealed(near, { x: 500, y: 200 }, frame, NO_INSETS, 50), near);
});

test("a_filter_for_requests_says_how_they_ended_and_how_long_they_took", () => {
  const any = { from: undefined, to: undefined };
  const of = (...outcomes: Outcome[]) => requestsFilter('service("a")', new Set(outcomes), any);
  assert.equal(of(...OUTCOMES), 'service("a")');
  assert.equal(of("fault"), 'service("a") { fault = true }');
  assert.equal(of("error"), 'service("a") { (error = true AND throttle = false) }');
  assert.equal(of("ok", "throttle"), 'service("a") { (ok = true OR throttle = true) }');
  assert.equal(
    requestsFilter('service("a")', new Set<Outcome>(["fault"]), { from: 0.12, to: 1.5 }),
    'service("a") { fault = true AND responsetime >= 0.12 AND responsetime <= 1.5 }',
  );
  assert.equal(
    requestsFilter('service("a")', new Set(OUTCOMES), { from: undefined, to: 0.5 }),
    'service("a") { responsetime <= 0.5 }',
  );
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
  // One failure among thousands is drawn, and counted as what it is.
  const [fault, ok] = ringParts({ ...NOTHING, ok: 9999, fault: 1, total: 10_000 }, 0.01);
  assert.equal(fault?.share, 0.0001);
  assert.equal(fault?.to, 0.01);
  assert.deepEqual([ok?.from, ok?.to], [0.01, 1]);
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
