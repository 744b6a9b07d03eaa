// Every page before a store of a million segments, which the load generator of the benchmarks sends.
// XRAY_LOAD_BIN is that program; XRAY_SEGMENTS says how many, where a build is too slow for a million.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { startXrayd } from "../../conformance/xrayd_process.mjs";
import { assertNoSidewaysScrolling, screenshot, startBrowser } from "./browser.mjs";
import { DARK, frameTimes, MIDDLE, NARROW, pagesOf, quantile } from "./console_page.mjs";

const SEGMENTS = Number(process.env.XRAY_SEGMENTS ?? 1_000_000);
const RATE = 50_000;
/** Several times what they take on a machine of one's own. */
const PATIENCE_MS = { store: 180_000, page: 5000, answer: 1500 };

const running = {};

before(async () => {
  running.folder = await mkdtemp(join(tmpdir(), "xray-million-"));
  running.socket = join(running.folder, "xrayd.sock");
  running.xrayd = await startXrayd(["--unix-socket", running.socket]);
  running.browser = await startBrowser();
});

after(async () => {
  await running.browser?.close();
  await running.xrayd?.stop();
  await rm(running.folder, { recursive: true, force: true });
});

const withPage = pagesOf(running);

async function ask(path, body) {
  const request = body && { method: "POST", body: JSON.stringify(body) };
  const response = await fetch(running.xrayd.url + path, request);
  assert.equal(response.status, 200, path);
  return response.json();
}

const lastHour = () => {
  const end = Math.floor(Date.now() / 1000) + 1;
  return { StartTime: end - 3600, EndTime: end };
};

/** Sums of the daemon's figures, by name. */
async function figures() {
  const { Figures } = await ask("/console/api/v1/daemon");
  const sums = {};
  for (const { Name, Value } of Figures) sums[Name] = (sums[Name] ?? 0) + Value;
  return sums;
}

/** Milliseconds until what is there after a change is painted: both are functions of the page. */
async function timeUntil(page, change, isThere) {
  await page.evaluate(() => {
    window.paintedAfter = async (change, isThere) => {
      const began = performance.now();
      change();
      while (!isThere()) await new Promise(requestAnimationFrame);
      await new Promise(requestAnimationFrame);
      return performance.now() - began;
    };
  });
  return page.evaluate(`window.paintedAfter(${change}, ${isThere})`);
}

const goTo = (hash) => `() => { location.hash = ${JSON.stringify(hash)}; }`;
const rowsShown = `Number(document.querySelector("table.trace-table")?.getAttribute("aria-rowcount")) - 1`;
const isFresh = `document.querySelector(".list-columns")?.getAttribute("aria-busy") !== "true"`;
const pageSays = (text) =>
  `() => document.querySelector(".page-note")?.textContent.includes(${JSON.stringify(text)})`;

function told(context, what, times) {
  const rounded = [...times].map((time) => Math.round(time));
  context.diagnostic(`${what}: ${rounded.join(", ")} ms`);
  assert.ok(Math.min(...times) < PATIENCE_MS.page, `${what}: ${rounded}`);
}

test("a_million_segments_are_taken_and_stored", async (context) => {
  const began = Date.now();
  const { stdout } = await promisify(execFile)(process.env.XRAY_LOAD_BIN, [
    `--unix=${running.socket}`,
    `--rate=${RATE}`,
    `--seconds=${Math.ceil(SEGMENTS / RATE)}`,
  ]);
  const sent = Number(/documents=(\d+)/.exec(stdout)[1]);
  running.traces = Number(/traces=(\d+)/.exec(stdout)[1]);
  assert.ok(sent >= SEGMENTS, stdout);
  let known;
  do {
    assert.ok(Date.now() - began < PATIENCE_MS.store, JSON.stringify(known));
    await new Promise((resolve) => setTimeout(resolve, 100));
    known = await figures();
    // A trace that moves to disk just now is in neither of the store's two sums.
  } while (known.xrayd_documents_stored_total < sent || known.xrayd_store_traces < running.traces);
  context.diagnostic(`${sent} segments of ${running.traces} traces in ${Date.now() - began} ms`);
  assert.equal(known.xrayd_documents_dropped_total, 0);
  assert.equal(known.xrayd_store_traces, running.traces);
});

test("what_the_pages_ask_is_answered_at_once", async (context) => {
  const range = lastHour();
  const query = `start=${range.StartTime}&end=${range.EndTime}`;
  const questions = {
    traces: () => ask(`/console/api/v1/traces?${query}`),
    "traces, fault": () => ask(`/console/api/v1/traces?${query}&filter=fault`),
    "traces, responsetime > 1": () =>
      ask(`/console/api/v1/traces?${query}&filter=${encodeURIComponent("responsetime > 1")}`),
    GetTraceSummaries: () => ask("/TraceSummaries", range),
    GetServiceGraph: () => ask("/ServiceGraph", range),
    facets: () => ask(`/console/api/v1/facets?${query}`),
    "facets, fault": () => ask(`/console/api/v1/facets?${query}&filter=fault`),
    completion: () => ask("/console/api/v1/completion?filter=http.&cursor=5"),
    tail: () => ask("/console/api/v1/tail?limit=500"),
  };
  for (const [name, question] of Object.entries(questions)) {
    const times = [];
    for (let round = 0; round < 9; round += 1) {
      const began = performance.now();
      await question();
      times.push(performance.now() - began);
    }
    const median = quantile(times, 0.5);
    context.diagnostic(`${name}: median ${median.toFixed(1)} ms, longest ${Math.max(...times).toFixed(1)} ms`);
    assert.ok(median < PATIENCE_MS.answer, `${name}: ${times}`);
  }
});

test("the_map_shows_every_service_and_counts_every_request", async (context) => {
  const { Services } = await ask("/ServiceGraph", lastHour());
  const isClient = ({ Type }) => Type === "client";
  const services = Services.filter((service) => !isClient(service)).length;
  await withPage("#/sampling", {}, async (page) => {
    const isDrawn = `() => document.querySelectorAll(".map-node").length === ${Services.length}`;
    told(context, "the map, an hour", [await timeUntil(page, goTo("#/service-map?timeRange=PT1H"), isDrawn)]);
    // One request a trace, and no trace without one.
    const requests = running.traces.toLocaleString("en");
    const note = page.locator(".page-note");
    assert.equal(await note.textContent(), `${services} services, ${requests} requests in the last hour`);
    await screenshot(page, "million-map");
    await page.locator(".map-node", { hasText: "payments" }).first().click();
    await page.getByRole("heading", { name: "payments" }).waitFor();
    await page.locator("[data-map-panel]").getByText("Response time").first().waitFor();
    await screenshot(page, "million-map-panel");
  });
  await withPage("#/service-map?timeRange=PT6H", {}, async (page) => {
    await page.locator(".map-node").nth(Services.length - 1).waitFor({ state: "attached" });
    assert.match(await page.locator(".page-note").textContent(), /in the last 6 hours$/);
  });
});

/** An annotation that few traces have: that of the newest one's customer. */
async function rareFilter() {
  const { StartTime, EndTime } = lastHour();
  const { Traces } = await ask(`/console/api/v1/traces?limit=1&start=${StartTime}&end=${EndTime}`);
  const answer = await ask("/Traces", { TraceIds: [Traces[0].Id] });
  const documents = answer.Traces[0].Segments.map(({ Document }) => JSON.parse(Document));
  const { annotations } = documents.find((document) => document.annotations?.customer);
  return `annotation.customer = "${annotations.customer}"`;
}

/** As many as a list of ten thousand, of a store that has them. */
const thousands = () => Math.min(10, Math.floor(running.traces / 1000));

test("the_newest_thousand_are_listed_at_once_and_thousands_more_when_asked_for", async (context) => {
  await withPage("#/sampling", {}, async (page) => {
    const times = [];
    for (let round = 0; round < 5; round += 1) {
      await page.getByRole("heading", { name: "Sampling" }).waitFor();
      const hash = "#/traces?timeRange=PT1H";
      times.push(await timeUntil(page, goTo(hash), `() => ${rowsShown} === 1000`));
      await page.evaluate(() => {
        location.hash = "#/sampling";
      });
    }
    told(context, "the newest 1,000 of the list", times);
    await page.goBack();
    await page.getByText("1,000 traces in the last hour, the newest; there are more").waitFor();
    // More than it counts in the time that it has.
    const counted = running.traces > 50_000 ? /^Counts of the newest [\d,]+$/ : /^Counts of /;
    await page.getByText(counted).waitFor();
    await screenshot(page, "million-traces");
    const more = page.getByRole("button", { name: "Read 1,000 more" });
    for (let count = 2; count <= thousands(); count += 1) {
      await more.click();
      await page.getByText(`${count},000 traces in the last hour`).waitFor();
    }
    const frames = await frameTimes(page, 90, "scrollBy(0, 911)");
    context.diagnostic(
      `frames while ${thousands()},000 rows scroll: median ${quantile(frames, 0.5).toFixed(1)} ms, p95 ${quantile(frames, 0.95).toFixed(1)} ms`,
    );
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    await page.locator(`tr[aria-rowindex="${thousands()}001"]`).waitFor();
    await screenshot(page, "million-traces-end");
    assert.ok((await page.getByRole("row").count()) < 100);
  });
});

test("sorting_refining_and_drawing_over_the_histogram_keep_up", async (context) => {
  await withPage("#/traces?timeRange=PT1H", {}, async (page) => {
    await page.getByText(/^Counts of /).waitFor();
    const first = `document.querySelector('tr[aria-rowindex="2"] .cell-duration').textContent`;
    const head = (name) =>
      `[...document.querySelectorAll("th button")].find((one) => one.textContent === "${name}")`;
    await page.evaluate(`window.before = ${first}`);
    const sorting = await timeUntil(page, `() => ${head("Duration")}.click()`, `() => ${first} !== window.before`);
    told(context, "1,000 rows sorted", [sorting]);
    const refine = page.getByRole("complementary", { name: "Refine" });
    await refine.getByRole("button", { name: /^Fault / }).click();
    await page.getByText(/traces found in the last hour/).waitFor();
    await page.waitForFunction(isFresh);
    const marks = await page.locator("tbody .cell-status").allTextContents();
    assert.ok(marks.length > 10 && marks.every((mark) => mark === "Fault"), marks.join());
    // All that match were counted now, not only those among the newest.
    await page.getByText(/^Counts of all [\d,]+ traces$/).waitFor();
    await screenshot(page, "million-refined");
    const chart = page.getByRole("group", { name: /^Response times of / });
    const { x, y, width } = await chart.boundingBox();
    await page.mouse.move(x + width * 0.7, y + 20);
    await page.mouse.down();
    await page.mouse.move(x + width - 2, y + 20, { steps: 4 });
    await page.mouse.up();
    await page.waitForFunction(() => /responsetime >= /.test(document.querySelector("#filter").value));
    await page.getByText(/traces? found in the last hour/).waitFor();
    await page.waitForFunction(isFresh);
    await screenshot(page, "million-brushed");
  });
});

test("a_filter_that_matches_little_or_nothing_ends_and_says_how_far_it_is", async (context) => {
  await withPage("#/sampling", {}, async (page) => {
    await page.getByRole("heading", { name: "Sampling" }).waitFor();
    const filtered = (filter) => `#/traces?filter=${encodeURIComponent(filter)}&timeRange=PT1H`;
    const few = goTo(filtered(await rareFilter()));
    told(context, "an annotation that few have", [await timeUntil(page, few, `() => ${rowsShown} > 0`)]);
    // No index knows response times: all traces are looked at.
    const slow = goTo(filtered("responsetime > 0.5"));
    told(context, "how far a search is", [await timeUntil(page, slow, pageSays("Searching …"))]);
    await page.getByText(/^\d+ traces found in the last hour$/).waitFor();
    const nothing = goTo(filtered("responsetime > 600"));
    const none = await timeUntil(page, nothing, pageSays("0 traces found in the last hour"));
    await page.getByRole("heading", { name: "No trace matches in the last hour" }).waitFor();
    told(context, "a search through everything that finds nothing", [none]);
  });
});

test("a_trace_opens_from_the_list_and_the_way_back_leads_to_the_same_list", async (context) => {
  const address = `#/traces?filter=${encodeURIComponent('service("fraud") AND fault')}&timeRange=PT1H`;
  await withPage(address, {}, async (page) => {
    await page.getByText(/traces found in the last hour/).waitFor();
    const found = await page.locator(".page-note").textContent();
    const link = `document.querySelector('tr[aria-rowindex="2"] a')`;
    const isOpen = `() => document.querySelectorAll("[role=treegrid] [role=row]").length > 2`;
    told(context, "a trace of the list", [await timeUntil(page, `() => ${link}.click()`, isOpen)]);
    await page.getByText(found).waitFor({ state: "detached" });
    await screenshot(page, "million-trace");
    await page.goBack();
    await page.getByText(found).waitFor();
  });
});

test("found_traces_are_exported", async () => {
  const filter = await rareFilter();
  await withPage(`#/traces?filter=${encodeURIComponent(filter)}&timeRange=PT1H`, {}, async (page) => {
    await page.getByText(/traces? found in the last hour/).waitFor();
    const count = Number(/^\d+/.exec(await page.locator(".page-note").textContent())[0]);
    await page.getByText("More", { exact: true }).click();
    const saving = page.waitForEvent("download");
    await page.getByRole("button", { name: `Export ${count} trace` }).click();
    const lines = (await readFile(await (await saving).path(), "utf8")).trimEnd().split("\n");
    const traces = new Set(lines.map((line) => JSON.parse(line).trace_id));
    assert.equal(traces.size, count);
  });
});

test("the_pages_hold_it_all_in_the_dark_and_on_small_windows", async () => {
  for (const [name, options] of [["dark", DARK], ["middle", MIDDLE], ["narrow", NARROW]]) {
    await withPage("#/traces?timeRange=PT1H", options, async (page) => {
      await page.getByText(/^1,000 traces in the last hour/).waitFor();
      await assertNoSidewaysScrolling(page);
      await screenshot(page, `million-traces-${name}`);
    });
  }
});
