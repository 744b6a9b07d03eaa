// The console in a real browser, before the real xrayd, which the test starts and fills.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertNoSidewaysScrolling, openPage, screenshot } from "./browser.mjs";
import { DARK, NARROW, now, REFUSAL, useConsole } from "./console_page.mjs";
import {
  failedCheckout,
  hostileTrace,
  longTrace,
  newTraceId,
  putTrace,
  simpleRequest,
  unfinishedRequest,
} from "./sample_traces.mjs";

const { url, browser, withPage } = useConsole();
let checkout;

const line = (page, name) => page.getByRole("row", { name }).first();
const details = (page) => page.getByRole("complementary", { name: "Details" });

test("an_empty_store_says_how_to_send_a_trace_and_the_line_it_shows_is_taken", async () => {
  await withPage("#/traces", {}, async (page) => {
    await page.getByRole("heading", { name: "No traces in the last hour" }).waitFor();
    await screenshot(page, "empty");
    const command = await page.getByLabel("Command that sends a trace").textContent();
    const [, path, body] = /^curl http:\/\/[^/]+(\/\S+) -d '(.*)'$/s.exec(command);
    const response = await fetch(url() + path, { method: "POST", body });
    assert.deepEqual((await response.json()).UnprocessedTraceSegments, []);
    // The list reads again by itself.
    await page.getByRole("link", { name: "hello" }).waitFor();
  });
});

test("the_list_shows_traces_newest_first_with_status_request_and_times", async () => {
  const start = now();
  const requests = [
    { path: "/", status: 200, seconds: 0.0123 },
    { path: "/items/tea-250", status: 200, seconds: 0.0342 },
    { path: "/items/unknown", status: 404, seconds: 0.0048 },
    { path: "/search?q=green%20tea", status: 200, seconds: 0.3311 },
    { path: "/cart", method: "PUT", status: 429, seconds: 0.0007 },
    { path: "/items/mug", status: 200, seconds: 0.0219 },
    { path: "/report", status: 500, seconds: 1.284 },
    { path: "/items/pot", status: 200, seconds: 0.0266 },
  ];
  for (const [index, request] of requests.entries()) {
    await putTrace(url(), [simpleRequest(start - 20 - 31 * index, request)]);
  }
  checkout = failedCheckout(start - 4);
  await putTrace(url(), checkout.documents);
  await withPage("#/traces?timeRange=PT5M", {}, async (page) => {
    const rows = page.getByRole("table").getByRole("row");
    await page.getByRole("row", { name: "/report" }).waitFor();
    const text = (await rows.allInnerTexts()).map((row) => row.replace(/\s+/g, " "));
    const places = ["/checkout", "/items/tea-250", "/items/unknown", "/report"].map((path) =>
      text.findIndex((row) => row.includes(path)),
    );
    assert.deepEqual(places, [...places].sort((a, b) => a - b), text.join("\n"));
    assert.match(text.find((row) => row.includes("/report")), /^Fault .* 1\.28 s GET \/report 500 storefront/);
    assert.match(text.find((row) => row.includes("/items/unknown")), /^Error .* 4\.80 ms GET .* 404 /);
    assert.match(text.find((row) => row.includes("/cart")), /^Throttled .* 700 µs PUT .* 429 /);
    assert.match(text.find((row) => row.includes("/items/mug")), /^OK .* 21\.9 ms GET .* 200 /);
    await screenshot(page, "list");
  });
  await withPage("#/traces?timeRange=PT5M", DARK, async (page) => {
    await page.getByRole("row", { name: "/report" }).waitFor();
    await screenshot(page, "list-dark");
  });
  await withPage("#/traces?timeRange=PT5M", NARROW, async (page) => {
    await page.getByRole("row", { name: "/report" }).waitFor();
    await screenshot(page, "list-narrow");
    await assertNoSidewaysScrolling(page);
  });
});

test("a_time_range_is_part_of_the_address_and_old_traces_are_outside_of_short_ones", async () => {
  const old = simpleRequest(now() - 7000, { path: "/two-hours-ago", status: 200, seconds: 0.01 });
  await putTrace(url(), [old]);
  await withPage("#/traces?timeRange=PT1H", {}, async (page) => {
    await page.getByRole("link", { name: "/checkout" }).waitFor();
    assert.equal(await page.getByText("/two-hours-ago").count(), 0);
    await page.getByRole("link", { name: "Last 6 hours" }).click();
    await page.getByText("/two-hours-ago").waitFor();
    assert.match(page.url(), /#\/traces\?timeRange=PT6H$/);
    await page.goBack();
    // The list of before stays, pale, until the other is there.
    await page.getByText("/two-hours-ago").waitFor({ state: "detached" });
    await page.getByRole("link", { name: "/checkout" }).waitFor();
  });
});

test("new_traces_appear_by_themselves_until_live_is_switched_off", async () => {
  await withPage("#/traces", {}, async (page) => {
    await page.getByRole("link", { name: "/checkout" }).waitFor();
    await putTrace(url(), [simpleRequest(now(), { path: "/late", status: 200, seconds: 0.1 })]);
    await page.getByRole("link", { name: "/late" }).waitFor({ timeout: 10_000 });
    await page.getByRole("button", { name: "Live" }).click();
    await putTrace(url(), [simpleRequest(now(), { path: "/later", status: 200, seconds: 0.1 })]);
    await page.waitForTimeout(4000);
    assert.equal(await page.getByRole("link", { name: "/later" }).count(), 0);
    await page.getByRole("button", { name: "Refresh" }).click();
    await page.getByRole("link", { name: "/later" }).waitFor();
  });
});

test("a_filter_narrows_the_list_and_stays_in_the_address", async () => {
  await withPage("#/traces?timeRange=PT5M", {}, async (page) => {
    const filter = page.getByRole("combobox", { name: "Filter expression" });
    await page.getByRole("link", { name: "/items/mug" }).waitFor();
    await filter.fill('annotation.customer = "c-17" AND fault');
    await filter.press("Enter");
    await page.getByRole("link", { name: "/checkout" }).waitFor();
    await page.getByText("1 trace found").waitFor();
    await page.getByText("/items/mug").waitFor({ state: "detached" });
    await page.reload();
    await page.getByText("1 trace found").waitFor();
    assert.equal(await filter.inputValue(), 'annotation.customer = "c-17" AND fault');

    await filter.fill('http.url CONTAINS "/nowhere"');
    await filter.press("Enter");
    await page.getByRole("heading", { name: "No trace matches in the last 5 minutes" }).waitFor();
    await page.getByRole("link", { name: "Show all traces" }).click();
    await page.getByRole("link", { name: "/items/mug" }).waitFor();
    assert.equal(await filter.inputValue(), "");
  });
});

test("a_filter_is_marked_where_it_is_wrong_and_not_asked_again", async () => {
  const use = async (page) => {
    const filter = page.getByRole("combobox", { name: "Filter expression" });
    await filter.fill("fault AND duration > fast");
    await filter.press("Enter");
    const place = page.getByLabel("Where the filter is wrong");
    await place.waitFor();
    assert.equal(await place.locator("mark").textContent(), "f");
    assert.match(await place.textContent(), /duration > fast/);
    await screenshot(page, "filter-wrong");
    await page.waitForTimeout(4000);
  };
  // What such traces have in common is not asked.
  await withPage("#/traces?timeRange=PT5M", {}, use, [REFUSAL]);
});

test("a_trace_opens_from_the_list_with_each_service_below_the_call_that_reached_it", async () => {
  await withPage("#/traces", {}, async (page) => {
    await page.getByRole("link", { name: "/checkout" }).click();
    await page.getByRole("treegrid", { name: "Timeline" }).waitFor();
    assert.ok(page.url().includes(`#/traces/${checkout.traceId}`));
    const level = async (name) => Number(await line(page, name).getAttribute("aria-level"));
    assert.equal(await level(/^.*storefront/), 1);
    assert.equal(await level(/inventory\.shop\.example/), 2);
    assert.equal(await level(/inventory POST/), 3);
    assert.equal(await level(/stock@db/), 4);
    await line(page, /load-rates.*17\.4 ms/).waitFor();
    await screenshot(page, "trace");
  });
});

test("selecting_a_line_shows_its_annotations_metadata_statement_and_exceptions", async () => {
  await withPage(`#/traces/${checkout.traceId}`, {}, async (page) => {
    await details(page).getByText("c-17").first().waitFor();
    const metadata = details(page).getByLabel("Metadata of shop");
    await metadata.getByText("tea-250").waitFor();
    await line(page, /stock@db/).click();
    await details(page).getByLabel("Query").getByText("UPDATE stock SET held = held + ?").waitFor();
    await details(page).getByRole("heading", { name: "shop::ReservationFailed" }).waitFor();
    await details(page).getByText("Caused by sqlite::Busy").waitFor();
    await details(page).getByLabel("Stack").getByText("src/stock.cpp:88").waitFor();
    await details(page).getByText("12 more frames left out").waitFor();
    await screenshot(page, "trace-exception");
    await line(page, /inventory\.shop\.example/).click();
    await details(page).getByRole("button", { name: /Recorded in/ }).click();
    await details(page).getByRole("heading", { name: /^stock@db/ }).waitFor();
  });
});

test("the_timeline_is_walked_closed_and_opened_with_the_arrow_keys", async () => {
  await withPage(`#/traces/${checkout.traceId}`, {}, async (page) => {
    const selected = page.getByRole("row", { selected: true });
    await page.getByRole("treegrid").focus();
    await page.keyboard.press("ArrowDown");
    await selected.filter({ hasText: "read-session" }).waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowLeft");
    assert.equal(await selected.getAttribute("aria-expanded"), "false");
    assert.equal(await line(page, /load-rates/).count(), 0);
    await page.keyboard.press("ArrowRight");
    await line(page, /load-rates/).waitFor();
    await page.keyboard.press("End");
    await details(page).getByRole("heading", { name: "render-error" }).waitFor();
  });
});

test("a_link_to_a_line_of_a_trace_survives_a_reload_and_the_raw_page_shows_its_documents", async () => {
  await withPage(`#/traces/${checkout.traceId}`, {}, async (page) => {
    await line(page, /DynamoDB/).click();
    await page.waitForURL(/selected=/);
    await page.reload();
    await details(page).getByRole("heading", { name: "DynamoDB" }).waitFor();
    await page.getByRole("link", { name: "Raw data" }).click();
    await page.getByRole("heading", { name: "Raw data" }).waitFor();
    assert.ok(page.url().endsWith(`#/traces/${checkout.traceId}/raw`));
    const raw = JSON.parse(await page.locator("pre").textContent());
    const names = raw.Segments.map(({ name }) => name);
    assert.ok(names.includes("storefront") && names.includes("inventory"), names.join());
    await screenshot(page, "raw");
  });
  const w3c = checkout.traceId.slice(2).replace("-", "");
  await withPage(`#/traces/${w3c}`, {}, (page) => page.getByRole("treegrid").waitFor());
});

test("a_trace_is_readable_in_the_dark_and_on_a_phone", async () => {
  const background = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  let light;
  await withPage(`#/traces/${checkout.traceId}`, NARROW, async (page) => {
    await page.getByRole("treegrid").waitFor();
    light = await background(page);
    await screenshot(page, "trace-narrow");
    await assertNoSidewaysScrolling(page);
  });
  await withPage(`#/traces/${checkout.traceId}`, DARK, async (page) => {
    await line(page, /stock@db/).click();
    assert.notEqual(await background(page), light);
    await screenshot(page, "trace-dark");
  });
});

test("hostile_names_and_values_are_text_and_show_what_they_hide", async () => {
  const hostile = hostileTrace(now());
  await putTrace(url(), hostile.documents);
  await withPage(`#/traces/${hostile.traceId}`, {}, async (page) => {
    await details(page).getByText("<img src=x onerror=alert(1)>").first().waitFor();
    await details(page).getByText("⟨U+202E⟩").first().waitFor();
    await details(page).getByText("a⟨U+0007⟩b").waitFor();
    await details(page).getByText("polluted", { exact: true }).waitFor();
    await details(page).getByText("built", { exact: true }).waitFor();
    assert.equal(await page.locator("main img, main script").count(), 0);
    await assertNoSidewaysScrolling(page);
    await screenshot(page, "hostile");
  });
  await withPage("#/traces", {}, async (page) => {
    await page.getByText("⟨U+202E⟩").first().waitFor();
    assert.equal(await page.locator("main img, main script").count(), 0);
    await assertNoSidewaysScrolling(page);
  });
  await withPage("#/service-map", {}, async (page) => {
    const node = page.getByRole("link", { name: /^hostile, AWS::/ });
    await node.waitFor();
    assert.match(await node.getAttribute("aria-label"), /⟨U\+202E⟩/);
    assert.doesNotMatch(await node.innerHTML(), /\u202e|<img|<script/);
  });
  const filter = `service("<img src=x onerror=alert(5)>\u202e") AND`;
  await withPage(
    `#/traces?filter=${encodeURIComponent(filter)}`,
    {},
    async (page) => {
      await page.getByRole("alert").getByText("⟨U+202E⟩").first().waitFor();
      assert.equal(await page.locator("main img, main script").count(), 0);
    },
    [REFUSAL],
  );
});

test("no_page_may_run_or_load_anything_that_is_not_the_consoles_own", async () => {
  const response = await fetch(`${url()}/`);
  const policy = response.headers.get("content-security-policy");
  assert.match(policy, /default-src 'self'/);
  assert.doesNotMatch(policy, /unsafe|\*|data:|blob:|http/);
  assert.doesNotMatch(await response.text(), /<script(?![^>]*\ssrc="app\.js")|\son\w+=|\sstyle=/);
  const { page, problems } = await openPage(browser(), `${url()}/#/traces`);
  await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "window.ran = true";
    document.body.append(script);
  });
  assert.equal(await page.evaluate(() => window.ran), undefined);
  assert.ok(problems.some((problem) => /Content Security Policy/.test(problem)), String(problems));
  await page.context().close();
});

test("a_running_trace_says_so_and_finishes_on_the_page_without_a_reload", async () => {
  const request = unfinishedRequest(now() - 1);
  await putTrace(url(), [request.begun]);
  await withPage(`#/traces/${request.traceId}`, {}, async (page) => {
    await line(page, /nightly-report.*running/).waitFor();
    await screenshot(page, "trace-running");
    await putTrace(url(), [request.ended]);
    await line(page, /nightly-report.*2\.50 s/).waitFor({ timeout: 10_000 });
  });
});

test("a_trace_of_two_thousand_lines_draws_only_those_in_sight_and_reaches_the_last", async () => {
  const long = longTrace(now() - 5, 200);
  await putTrace(url(), long.documents);
  await withPage(`#/traces/${long.traceId}`, {}, async (page) => {
    const grid = page.getByRole("treegrid");
    await grid.waitFor();
    assert.equal(await grid.getAttribute("aria-rowcount"), "2202");
    assert.ok((await grid.getByRole("row").count()) < 100);
    await grid.focus();
    const began = Date.now();
    await page.keyboard.press("End");
    await details(page).getByRole("heading", { name: "step-1999" }).waitFor();
    await line(page, /step-1999/).waitFor();
    assert.ok(Date.now() - began < 2000, "the last line took more than two seconds");
    await screenshot(page, "trace-long");
  });
});

test("a_list_longer_than_a_step_is_read_on_demand_to_its_end_and_draws_only_rows_in_sight", async () => {
  const count = 2300;
  const threeDaysAgo = now() - 3 * 86_400;
  const request = { path: "/old", status: 200, seconds: 0.01 };
  const segments = Array.from({ length: count }, (_, index) =>
    simpleRequest(threeDaysAgo + index, request),
  );
  for (let sent = 0; sent < count; sent += 100) {
    await putTrace(url(), segments.slice(sent, sent + 100));
  }
  await withPage("#/traces?timeRange=P7D", {}, async (page) => {
    const table = page.getByRole("table");
    await table.waitFor();
    const listed = async () => Number(await table.getAttribute("aria-rowcount")) - 1;
    const more = page.getByRole("button", { name: "Read 1,000 more" });
    // What is read bit by bit is shown meanwhile.
    const untilRead = () =>
      page.waitForFunction(() => !document.querySelector("button.more:disabled"));
    await untilRead();
    const first = await listed();
    assert.ok(first >= 1000 && first < count, `${first} traces in the first step`);
    for (let step = 0; step < 3 && (await more.count()) > 0; step += 1) {
      const before = await listed();
      await more.click();
      await page.waitForFunction(
        (rows) => Number(document.querySelector("table")?.ariaRowCount ?? 0) > rows + 1,
        before,
      );
      await untilRead();
    }
    assert.equal(await more.count(), 0);
    assert.ok((await listed()) >= count, `${await listed()} traces in the end`);
    assert.ok((await table.getByRole("row").count()) < 150);
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await page.locator(`tr[aria-rowindex="${(await listed()) + 1}"]`).waitFor();
  });
});

test("what_cannot_be_shown_is_explained", async () => {
  await withPage(`#/traces/${newTraceId(now())}`, {}, (page) =>
    page.getByRole("heading", { name: "This trace is not stored" }).waitFor(),
  );
  await withPage("#/traces/nonsense", {}, (page) =>
    page.getByRole("heading", { name: "This is no trace ID" }).waitFor(),
  );
  await withPage("#/nowhere", {}, (page) =>
    page.getByRole("heading", { name: "No such page" }).waitFor(),
  );
});

test("a_dead_daemon_is_named_and_the_list_goes_on_once_it_answers", async () => {
  const { page } = await openPage(browser(), `${url()}/#/traces`);
  await page.getByRole("link", { name: "/checkout" }).waitFor();
  await page.context().setOffline(true);
  await page.getByRole("alert").getByText("xrayd cannot be reached").waitFor();
  // What was read stays on the page.
  assert.ok((await page.getByRole("link", { name: "/checkout" }).count()) > 0);
  await screenshot(page, "failure");
  await page.context().setOffline(false);
  await page.getByRole("alert").waitFor({ state: "detached" });
  await page.context().close();
});
