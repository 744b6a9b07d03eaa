// The service map in a real browser, before the real xrayd, which the test starts and fills.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startXrayd } from "../../conformance/xrayd_process.mjs";
import { assertAccessible, assertNoSidewaysScrolling, openPage, screenshot } from "./browser.mjs";
import { now, useConsole } from "./console_page.mjs";
import {
  failedCheckout,
  HOSTILE_NAME,
  hostileServices,
  putTrace,
  putTraces,
  shopTraffic,
} from "./sample_traces.mjs";

const SIZES = { 1440: [1440, 900], 1024: [1024, 768], 390: [390, 844] };
const MAP = "#/service-map?timeRange=PT5M";
const INVENTORY = 'service(id(name: "inventory", type: "AWS::ECS::Container"))';
const STOCK_CALLS =
  'edge(id(name: "inventory", type: "AWS::ECS::Container"), id(name: "stock@db.shop.example", type: "Database::SQL"))';

const { url, browser, withPage } = useConsole();

async function ask(path, input) {
  const response = await fetch(url() + path, { method: "POST", body: JSON.stringify(input) });
  assert.equal(response.status, 200, await response.clone().text());
  return response.json();
}

const node = (page, name) => page.locator(".map-node").and(page.getByRole("link", { name }));
const inventoryNode = (page) => node(page, /^inventory, AWS::ECS::Container/);
const inventoryOf = (page) => node(page, /^inventory, service/);
const panel = (page) => page.getByRole("complementary");
const selectedAddress = (selector) =>
  `#/service-map?selected=${encodeURIComponent(selector)}&timeRange=PT5M`;

/** Where the map stands: [scale, x, y]. */
async function view(page) {
  return page.evaluate(() => {
    const { a, e, f } = new DOMMatrix(getComputedStyle(document.querySelector(".map-world")).transform);
    return [a, e, f];
  });
}

/** A movement that was just asked for has begun by then, and ended. */
async function settled(page) {
  await page.waitForTimeout(150);
  await page.waitForFunction(() => !document.querySelector(".map-frame[data-moving]"));
}

async function openMap(page) {
  await inventoryNode(page).waitFor();
  await settled(page);
}

test("the_console_opens_on_the_map_which_says_how_to_send_a_trace_and_appears_once_it_has_come", async () => {
  await withPage("", {}, async (page) => {
    await page.getByRole("heading", { name: "No traces in the last hour" }).waitFor();
    await screenshot(page, "service-map-empty");
    await assertAccessible(page);
    const command = await page.getByLabel("Command that sends a trace").textContent();
    const [, path, body] = /^curl http:\/\/[^/]+(\/\S+) -d '(.*)'$/s.exec(command);
    await fetch(url() + path, { method: "POST", body });
    await node(page, /^hello, service/).waitFor();
  });
});

test("callers_stand_left_of_whom_they_call_with_rings_split_as_requests_ended", async () => {
  await putTraces(url(), shopTraffic(now() - 200, now() - 3, 260));
  await withPage(MAP, {}, async (page) => {
    await openMap(page);
    const order = [
      node(page, "Clients of storefront"),
      node(page, /^storefront, AWS::ECS::Container/),
      inventoryNode(page),
      node(page, /^stock@db\.shop\.example, Database::SQL/),
    ];
    const lefts = [];
    for (const place of order) lefts.push((await place.boundingBox()).x);
    assert.deepEqual(lefts, [...lefts].sort((a, b) => a - b));
    assert.match(await inventoryNode(page).getAttribute("aria-label"), /ms on average, .* \/min, .* OK, .* faults, .* throttled/);
    const shares = await inventoryNode(page)
      .locator("circle[data-share]")
      .evaluateAll((parts) => parts.map((part) => [part.classList[1], Number(part.dataset.share)]));
    assert.deepEqual(shares.map(([name]) => name), ["status-fault", "status-throttle", "status-ok"]);
    assert.ok(Math.abs(shares.reduce((sum, [, share]) => sum + share, 0) - 1) < 1e-9);
    // All four colours are in the shop, and the legend counts them.
    for (const outcome of [/^OK \d/, /^Error 4xx \d/, /^Throttled 429 \d/, /^Fault 5xx \d/]) {
      await page.getByRole("group", { name: "Legend" }).getByRole("button", { name: outcome }).waitFor();
    }
    await page.getByText(/^1[01] services, 26\d requests in the last 5 minutes$/).waitFor();
  });
});

test("the_map_is_readable_at_every_size_light_and_dark_and_to_those_who_do_not_see_it", async () => {
  for (const [name, [width, height]] of Object.entries(SIZES)) {
    for (const colorScheme of ["light", "dark"]) {
      const options = { viewport: { width, height }, colorScheme };
      await withPage(MAP, options, async (page) => {
        await openMap(page);
        await screenshot(page, `service-map-${name}-${colorScheme}`);
        await assertNoSidewaysScrolling(page);
        await assertAccessible(page);
        await inventoryNode(page).click();
        await panel(page).getByText("p99").waitFor();
        await page.waitForTimeout(500);
        await screenshot(page, `service-map-panel-${name}-${colorScheme}`);
        await assertNoSidewaysScrolling(page);
        await assertAccessible(page);
        // What was chosen is in sight beside the panel, or above it.
        const [ring, covered] = [await inventoryNode(page).boundingBox(), await panel(page).boundingBox()];
        const isBeside = ring.x + ring.width <= covered.x + 1;
        assert.ok(isBeside || ring.y + ring.height / 2 <= covered.y, `${name} ${JSON.stringify({ ring, covered })}`);
      });
    }
  }
});

test("the_panel_has_the_figures_of_a_service_and_its_address_brings_it_back", async () => {
  await withPage(MAP, {}, async (page) => {
    await openMap(page);
    await inventoryNode(page).click();
    await panel(page).getByRole("heading", { name: "inventory" }).waitFor();
    assert.equal(page.url(), `${url()}/${selectedAddress(INVENTORY)}`);
    const text = await panel(page).innerText();
    assert.match(text, /Requests\n\d+\nRate\n[\d.]+ \/min\nAverage\n[\d.]+ ms/);
    assert.match(text, /p50\n[\d.]+ ms\np90\n[\d.]+ ms\np99\n[\d.]+ ms/);
    assert.match(text, /Called by\s+storefront/);
    await panel(page).locator(".history-part").first().waitFor();
    await page.reload();
    await panel(page).getByRole("heading", { name: "inventory" }).waitFor();
    // The calls of a service are a click away, and one step back leads to the map.
    await panel(page).getByRole("link", { name: /^stock@db\.shop\.example/ }).click();
    await panel(page).getByRole("heading", { name: "inventory → stock@db.shop.example" }).waitFor();
    assert.equal(page.url(), `${url()}/${selectedAddress(STOCK_CALLS)}`);
    await panel(page).getByRole("button", { name: "Close" }).click();
    await panel(page).waitFor({ state: "detached" });
    assert.equal(page.url(), `${url()}/${MAP}`);
  });
});

/** Draws over the histogram from one share of its width to another. */
async function brush(page, from, to) {
  const box = await panel(page).locator(".latency-chart").boundingBox();
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width * from, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * ((from + to) / 2), y, { steps: 4 });
  await page.mouse.move(box.x + box.width * to, y, { steps: 4 });
  await page.mouse.up();
}

async function tracesOf(filter) {
  let count = 0;
  let NextToken;
  do {
    const answer = await ask("/TraceSummaries", {
      StartTime: now() - 300,
      EndTime: now() + 1,
      FilterExpression: filter,
      ...(NextToken && { NextToken }),
    });
    count += answer.TraceSummaries.length;
    NextToken = answer.NextToken;
  } while (NextToken);
  return count;
}

test("ticked_outcomes_and_brushed_response_times_become_the_filter_of_view_traces", async () => {
  await withPage(selectedAddress(INVENTORY), {}, async (page) => {
    const view = panel(page).getByRole("link", { name: "View traces" });
    const filterOf = async () =>
      new URLSearchParams((await view.getAttribute("href")).split("?")[1]).get("filter");
    await view.waitFor();
    assert.equal(await filterOf(), INVENTORY);
    await panel(page).getByLabel("OK").uncheck();
    await panel(page).getByLabel("Throttled").uncheck();
    await panel(page).getByLabel("Error").uncheck();
    assert.equal(await filterOf(), `${INVENTORY} { fault = true }`);
    const said = await panel(page).getByText(/^\d+ of \d+ requests$/).textContent();
    assert.equal(await tracesOf(await filterOf()), Number(/^\d+/.exec(said)[0]));

    await brush(page, 0.7, 0.999);
    const filter = await filterOf();
    const [, from, to] = /^.* \{ fault = true AND responsetime >= ([\d.]+)(?: AND responsetime <= ([\d.]+))? \}$/.exec(filter);
    assert.ok(Number(from) > 0.01 && (to === undefined || Number(to) > Number(from)), filter);
    const count = await tracesOf(filter);
    assert.ok(count > 0);
    await screenshot(page, "service-map-brush");

    await view.click();
    const box = page.getByRole("combobox", { name: "Filter expression" });
    await box.waitFor();
    assert.equal(await box.inputValue(), filter);
    await page.getByText(new RegExp(`^${count} traces? `)).first().waitFor();
    await page.goBack();
    await panel(page).getByRole("heading", { name: "inventory" }).waitFor();
    // A click takes the choice of times away, and nothing ticked leaves nothing to view.
    await brush(page, 0.7, 0.9);
    await brush(page, 0.3, 0.3);
    assert.equal(await filterOf(), INVENTORY);
    for (const outcome of ["OK", "Error", "Throttled", "Fault"]) await panel(page).getByLabel(outcome).uncheck();
    assert.equal(await view.count(), 0);
    assert.ok(await panel(page).getByRole("button", { name: "View traces" }).isDisabled());
  });
});

test("an_arrow_leads_to_the_traces_with_that_call", async () => {
  await withPage(selectedAddress(STOCK_CALLS), {}, async (page) => {
    const view = panel(page).getByRole("link", { name: "View traces" });
    await view.waitFor();
    await panel(page).locator(".history-part").first().waitFor();
    await panel(page).getByLabel("OK").uncheck();
    const filter = new URLSearchParams((await view.getAttribute("href")).split("?")[1]).get("filter");
    assert.equal(filter, `${STOCK_CALLS} { (fault = true OR error = true OR throttle = true) }`);
    assert.ok((await tracesOf(filter)) > 0);
    assert.equal(await page.locator(".map-edge.selected").count(), 1);
  });
});

test("the_map_is_moved_by_wheel_drag_buttons_and_keys_and_shown_whole_again", async () => {
  await withPage(MAP, {}, async (page) => {
    await openMap(page);
    const whole = await view(page);
    const frame = await page.locator(".map-frame").boundingBox();
    const at = { x: frame.x + 40, y: frame.y + 60 };
    await page.mouse.move(at.x, at.y);
    await page.mouse.wheel(0, -300);
    await settled(page);
    const zoomed = await view(page);
    assert.ok(zoomed[0] > whole[0] * 1.3, `${zoomed}`);
    // What is below the pointer stays there.
    const under = ([scale, x]) => (40 - x) / scale;
    assert.ok(Math.abs(under(zoomed) - under(whole)) < 1);

    await page.mouse.down();
    await page.mouse.move(at.x + 90, at.y + 50, { steps: 6 });
    await page.mouse.up();
    await settled(page);
    const dragged = await view(page);
    assert.deepEqual(
      [dragged[0], dragged[1] - zoomed[1], dragged[2] - zoomed[2]].map(Math.round),
      [zoomed[0], 90, 50].map(Math.round),
    );
    await page.getByRole("button", { name: "Show all" }).click();
    await settled(page);
    assert.deepEqual((await view(page)).map(Math.round), whole.map(Math.round));
    await page.getByRole("button", { name: "Zoom out" }).click();
    await settled(page);
    assert.ok((await view(page))[0] < whole[0]);
    await inventoryNode(page).focus();
    await page.keyboard.press("0");
    await settled(page);
    assert.deepEqual((await view(page)).map(Math.round), whole.map(Math.round));
    // A drag that begins on a service opens no panel.
    const ring = await inventoryNode(page).boundingBox();
    await page.mouse.move(ring.x + 30, ring.y + 30);
    await page.mouse.down();
    await page.mouse.move(ring.x + 80, ring.y + 60, { steps: 4 });
    await page.mouse.up();
    assert.equal(await panel(page).count(), 0);
  });
});

test("two_fingers_zoom_the_map", async () => {
  await withPage(MAP, { viewport: { width: 390, height: 844 }, hasTouch: true }, async (page) => {
    await openMap(page);
    const [before] = await view(page);
    const touch = await page.context().newCDPSession(page);
    const points = (apart) => [
      { x: 195 - apart, y: 420, id: 0 },
      { x: 195 + apart, y: 420, id: 1 },
    ];
    await touch.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: points(40) });
    for (const apart of [50, 65, 80]) {
      await touch.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: points(apart) });
    }
    await touch.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
    await settled(page);
    const [after] = await view(page);
    assert.ok(after / before > 1.7 && after / before < 2.3, `${before} ${after}`);
  });
});

test("the_keyboard_alone_reaches_every_figure_and_the_traces", async () => {
  await withPage(MAP, {}, async (page) => {
    await openMap(page);
    const focused = () => page.evaluate(() => document.activeElement.getAttribute("aria-label") ?? "");
    // One stop of the Tab key for the whole map.
    await page.getByRole("button", { name: "Live" }).focus();
    await page.keyboard.press("Tab");
    assert.match(await focused(), /^(Clients of|hello)/);
    await node(page, "Clients of storefront").focus();
    await page.keyboard.press("ArrowRight");
    assert.match(await focused(), /^storefront, /);
    await page.keyboard.press("ArrowRight");
    const second = await focused();
    await page.keyboard.press("ArrowDown");
    assert.notEqual(await focused(), second);
    await page.keyboard.press("ArrowLeft");
    assert.match(await focused(), /^storefront, /);
    await page.keyboard.press("Enter");
    await panel(page).getByRole("heading", { name: "storefront" }).waitFor();
    await page.waitForFunction(() => document.activeElement.tagName === "H2");
    // Close, four outcomes, two handles of the histogram.
    for (let stop = 0; stop < 2; stop += 1) await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    assert.equal(await panel(page).getByLabel("OK").isChecked(), false);
    await panel(page).getByRole("slider", { name: "Response time from" }).focus();
    for (let step = 0; step < 6; step += 1) await page.keyboard.press("ArrowRight");
    const view = panel(page).getByRole("link", { name: "View traces" });
    assert.match(decodeURIComponent(await view.getAttribute("href")), /responsetime >= /);
    await screenshot(page, "service-map-keyboard");
    await page.keyboard.press("Escape");
    await panel(page).waitFor({ state: "detached" });
    await page.waitForFunction(() => document.activeElement.getAttribute("aria-label")?.startsWith("storefront, "));
  });
});

test("a_service_is_found_by_its_name_and_shown", async () => {
  await withPage(MAP, {}, async (page) => {
    await openMap(page);
    await page.keyboard.press("/");
    const search = page.getByRole("combobox", { name: "Find a service" });
    assert.ok(await search.evaluate((field) => field === document.activeElement));
    await search.pressSequentially("database");
    const found = page.getByRole("listbox", { name: "Services found" }).getByRole("option");
    await found.first().waitFor();
    assert.equal(await found.count(), 2);
    assert.equal(await page.locator(".map-node[data-lit]").count(), 2);
    await screenshot(page, "service-map-search");
    await assertAccessible(page);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await panel(page).getByRole("heading", { name: "stock@db.shop.example" }).waitFor();
    await page.waitForFunction(() => document.activeElement.getAttribute("aria-label")?.startsWith("stock@"));
  });
});

test("what_is_pointed_at_and_its_neighbours_stand_out_and_so_does_what_the_legend_names", async () => {
  await withPage(MAP, {}, async (page) => {
    await openMap(page);
    await inventoryNode(page).hover();
    await page.locator(".map-world[data-near]").waitFor({ state: "attached" });
    assert.equal(await page.locator(".map-node[data-near]").count(), 4);
    assert.equal(await page.locator(".map-edge[data-near]").count(), 3);
    await screenshot(page, "service-map-hover");
    await page.mouse.move(5, 5);
    await page.locator(".map-world:not([data-near])").waitFor({ state: "attached" });
    await page.getByRole("button", { name: /^Fault 5xx/ }).click();
    await page.locator(".map-world[data-lit]").waitFor({ state: "attached" });
    assert.equal(await page.locator(".map-node[data-lit]").count(), 3);
    await screenshot(page, "service-map-faults");
  });
});

test("a_group_narrows_the_map_and_the_list_and_stays_in_the_address", async () => {
  await ask("/CreateGroup", { GroupName: "searches", FilterExpression: 'http.url CONTAINS "/search"' });
  await withPage(MAP, {}, async (page) => {
    await openMap(page);
    await page.getByLabel("Group").selectOption("searches");
    await inventoryNode(page).waitFor({ state: "detached" });
    await node(page, /^search, AWS::Lambda::Function/).waitFor();
    assert.equal(page.url(), `${url()}/#/service-map?group=searches&timeRange=PT5M`);
    await page.reload();
    await node(page, /^search, AWS::Lambda::Function/).waitFor();
    assert.equal(await inventoryNode(page).count(), 0);
    assert.equal(await page.getByLabel("Group").inputValue(), "searches");
    await node(page, /^search, AWS::Lambda::Function/).click();
    const href = await panel(page).getByRole("link", { name: "View traces" }).getAttribute("href");
    assert.match(href, /&group=searches&timeRange=PT5M$/);
    await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Traces" }).click();
    await page.waitForURL(/#\/traces\?group=searches&timeRange=PT5M$/);
    assert.equal(await page.getByLabel("Group").inputValue(), "searches");
  });
  const nobody = "#/service-map?group=searches&timeRange=2020-01-01T00%3A00%3A00.000Z~2020-01-01T01%3A00%3A00.000Z";
  await withPage(nobody, {}, async (page) => {
    await page.getByRole("heading", { name: "No traces in this group in the chosen time range" }).waitFor();
    assert.ok(await page.getByRole("button", { name: "Live" }).isDisabled());
  });
});

test("a_time_range_of_ones_own_goes_into_the_address", async () => {
  await withPage(MAP, {}, async (page) => {
    await openMap(page);
    await page.getByRole("button", { name: "Another time range" }).click();
    const form = page.getByRole("form", { name: "From one time to another" });
    await form.getByLabel("From").fill("2020-01-01T10:00");
    await form.getByLabel("To").fill("2020-01-01T09:00");
    await form.getByRole("button", { name: "Apply" }).click();
    await form.getByText("The end must be after the start.").waitFor();
    await screenshot(page, "time-range");
    await assertAccessible(page);
    await form.getByLabel("To").fill("2020-01-01T11:30");
    await form.getByRole("button", { name: "Apply" }).click();
    await page.getByRole("heading", { name: "No traces in the chosen time range" }).waitFor();
    assert.match(page.url(), /timeRange=2020-01-01T\d\d%3A\d\d%3A00\.000Z~2020-01-01T/);
    await page.getByRole("button", { name: "Time range: 1 Jan 10:00 – 11:30" }).waitFor();
  });
});

test("what_is_new_appears_by_itself_and_nothing_jumps_until_live_is_switched_off", async () => {
  await withPage(MAP, {}, async (page) => {
    await openMap(page);
    const places = () =>
      page.locator(".map-nodes > g").evaluateAll((all) =>
        Object.fromEntries(all.map((one) => [one.firstChild.dataset.key, one.getAttribute("transform")])),
      );
    const before = await places();
    const called = { name: "newcomer", id: "00000000000000a1", namespace: "remote" };
    const [first] = shopTraffic(now() - 3, now() - 1, 1, 5);
    const [root] = first;
    root.subsegments = [{ ...called, start_time: root.start_time, end_time: root.end_time }];
    await putTraces(url(), [[root]]);
    await node(page, /^newcomer, remote/).waitFor();
    const later = await places();
    for (const [key, place] of Object.entries(before)) assert.equal(later[key], place, key);

    await page.getByRole("button", { name: "Live" }).click();
    root.id = "00000000000000a3";
    root.trace_id = root.trace_id.replace(/.{4}$/, "abcd");
    root.subsegments[0] = { ...root.subsegments[0], id: "00000000000000a2", name: "latecomer" };
    await putTraces(url(), [[root]]);
    await page.waitForTimeout(4000);
    assert.equal(await node(page, /^latecomer/).count(), 0);
    await page.getByRole("button", { name: "Live" }).click();
    await node(page, /^latecomer/).waitFor();
  });
});

/** Where each node stands on the map, by its key. */
async function placesOf(page) {
  return page.locator(".map-nodes > g").evaluateAll((all) =>
    Object.fromEntries(all.map((one) => [one.firstChild.dataset.key, one.getAttribute("transform")])),
  );
}

test("a_map_whose_short_lived_guests_have_left_is_that_of_a_fresh_page_but_never_moves_under_a_pointer", async (context) => {
  const own = await startXrayd();
  context.after(() => own.stop());
  const whole = failedCheckout(now() - 20);
  await putTrace(own.url, whole.documents);
  // Of this one the caller came first: for a while nobody knows who answered it.
  const half = failedCheckout(now() - 10);
  await putTrace(own.url, half.documents.slice(0, 1));
  const { page, problems } = await openPage(browser(), `${own.url}/${MAP}`);
  context.after(() => page.context().close());
  const guests = node(page, /^inventory\.shop\.example/);
  await guests.waitFor();
  await settled(page);
  const crooked = await placesOf(page);
  await inventoryOf(page).hover();
  await putTrace(own.url, half.documents.slice(1));
  await guests.waitFor({ state: "detached" });
  const held = await placesOf(page);
  for (const [key, place] of Object.entries(held)) assert.equal(place, crooked[key], key);
  await page.mouse.move(5, 5);
  await page.waitForFunction(() => {
    const heights = [...document.querySelectorAll(".map-nodes > g")]
      .filter((one) => /storefront|inventory/.test(one.firstChild.dataset.key))
      .map((one) => one.transform.baseVal[0].matrix.f);
    return heights.length === 3 && new Set(heights).size === 1;
  });
  await settled(page);
  const straight = await placesOf(page);
  await screenshot(page, "service-map-straight");
  await page.reload();
  await inventoryOf(page).waitFor();
  await settled(page);
  assert.deepEqual(await placesOf(page), straight);
  assert.deepEqual(problems, []);
});

test("names_can_be_read_and_lie_clear_of_buttons_and_edges_wherever_the_map_is_shown_whole", async () => {
  const looked = async (page) =>
    page.evaluate(() => {
      const box = (element) => element.getBoundingClientRect().toJSON();
      const names = [...document.querySelectorAll(".map-name")];
      return {
        frame: box(document.querySelector(".map-frame")),
        controls: box(document.querySelector(".map-controls")),
        rings: [...document.querySelectorAll(".map-disc")].map(box),
        names: names.map(box),
        sizes: names.map((name) => parseFloat(getComputedStyle(name).fontSize) * name.getScreenCTM().a),
      };
    });
  const isApart = (a, b) => a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
  for (const [name, [width, height]] of Object.entries(SIZES)) {
    await withPage(MAP, { viewport: { width, height } }, async (page) => {
      await openMap(page);
      const { frame, controls, rings, names, sizes } = await looked(page);
      assert.ok(Math.min(...sizes) >= 10.9, `${name}: ${Math.min(...sizes)} px`);
      for (const box of [...rings, ...names]) {
        assert.ok(isApart(box, controls), `${name}: below the buttons`);
        assert.ok(box.left >= frame.left && box.right <= frame.right, `${name}: cut at a side`);
        assert.ok(box.top >= frame.top + 6 && box.bottom <= frame.bottom, `${name}: cut above or below`);
      }
      names.forEach((one, index) => {
        for (const other of names.slice(index + 1)) assert.ok(isApart(one, other), `${name}: names overlap`);
      });
    });
  }
});

test("whom_a_chosen_service_calls_and_who_calls_it_stay_in_sight_beside_the_panel", async () => {
  await withPage(MAP, { viewport: { width: 1024, height: 768 } }, async (page) => {
    await openMap(page);
    const whole = await view(page);
    await inventoryNode(page).click();
    await panel(page).getByText("p99").waitFor();
    await settled(page);
    const [covered, frame] = [await panel(page).boundingBox(), await page.locator(".map-frame").boundingBox()];
    const near = [/^storefront, /, /^reservations, /, /^stock@db/].map((name) => node(page, name));
    for (const one of near) {
      const ring = await one.locator(".map-disc").boundingBox();
      assert.ok(ring.x >= frame.x && ring.x + ring.width <= covered.x, JSON.stringify(ring));
    }
    // Nor does what the map has brought below the resting pointer stand out.
    assert.equal(await page.locator(".map-node[data-near]").count(), 4);
    // Without the panel all is as it was.
    await panel(page).getByRole("button", { name: "Close" }).click();
    await panel(page).waitFor({ state: "detached" });
    await settled(page);
    assert.deepEqual((await view(page)).map(Math.round), whole.map(Math.round));
  });
});

test("light_and_dark_can_be_chosen_and_the_choice_is_kept", async () => {
  await withPage(MAP, { colorScheme: "light" }, async (page) => {
    await openMap(page);
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await background();
    const button = page.getByRole("button", { name: /^Colours/ });
    await button.click();
    assert.equal(await background(), light);
    await button.click();
    const dark = await background();
    assert.notEqual(dark, light);
    await page.reload();
    await openMap(page);
    assert.equal(await background(), dark);
    await page.getByRole("button", { name: "Colours: dark. Change to as the system" }).click();
    assert.equal(await background(), light);
    assert.equal(await page.evaluate(() => localStorage.length), 0);
  });
});

test("a_question_mark_shows_the_keys_and_letters_lead_to_pages", async () => {
  await withPage(MAP, {}, async (page) => {
    await openMap(page);
    await page.keyboard.press("?");
    const dialog = page.getByRole("dialog", { name: "Keys" });
    await dialog.getByText("from service to service").waitFor();
    await screenshot(page, "keys");
    await assertAccessible(page);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    await page.keyboard.press("g");
    await page.keyboard.press("t");
    await page.getByRole("combobox", { name: "Filter expression" }).waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("m");
    await openMap(page);
    await page.keyboard.press("Tab");
  });
});

test("a_map_that_cannot_be_read_says_so_and_keeps_what_it_has", async () => {
  const { page } = await openPage(browser(), `${url()}/${MAP}`);
  await openMap(page);
  await page.context().setOffline(true);
  await page.getByRole("alert").getByText("GetServiceGraph: xrayd cannot be reached").waitFor();
  assert.equal(await inventoryNode(page).count(), 1);
  await screenshot(page, "service-map-failure");
  await page.context().setOffline(false);
  await page.getByRole("alert").waitFor({ state: "detached" });
  await page.context().close();
});

test("names_of_services_are_text_whatever_they_contain", async () => {
  await putTraces(url(), hostileServices(now() - 2));
  await withPage(MAP, {}, async (page) => {
    const hostile = page.locator(".map-node").filter({ hasText: "script" }).first();
    await hostile.waitFor();
    assert.equal(await page.locator("main img, main script").count(), 0);
    await settled(page);
    await hostile.focus();
    await page.keyboard.press("Enter");
    const heading = panel(page).getByRole("heading").first();
    await heading.waitFor();
    assert.ok((await heading.textContent()).includes(HOSTILE_NAME));
    await screenshot(page, "service-map-hostile");
    // Its traces are found by the filter that has been written for it.
    await panel(page).getByRole("link", { name: "View traces" }).click();
    await page.getByText(/^1 trace/).first().waitFor();
  });
});
