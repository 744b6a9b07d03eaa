// What upsets pages: numbers no JavaScript holds, clocks set back, parts that come late, answers
// that do not come, dialogs that close.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAccessible } from "./browser.mjs";
import { now, useConsole } from "./console_page.mjs";
import { failedCheckout, newTraceId, putTrace, simpleRequest, unfinishedRequest } from "./sample_traces.mjs";

const { url, withPage } = useConsole();

const details = (page) => page.getByRole("complementary", { name: "Details" });
const fact = (page, name) =>
  details(page).locator("dl.facts > div", { has: page.getByText(name, { exact: true }) }).locator("dd");

async function putText(document) {
  const body = JSON.stringify({ TraceSegmentDocuments: [document] });
  const response = await fetch(`${url()}/TraceSegments`, { method: "POST", body });
  assert.deepEqual((await response.json()).UnprocessedTraceSegments, []);
}

test("numbers_of_64_bits_are_shown_as_they_were_sent_wherever_they_are", async () => {
  const start = now() - 100;
  const traceId = newTraceId(start);
  await putText(
    `{"name":"orders","id":"00000000000000a1","trace_id":"${traceId}","start_time":${start},` +
      `"end_time":${start + 1},"annotations":{"order":9007199254740993},` +
      `"metadata":{"shop":{"parcel":18446744073709551615}}}`,
  );
  await withPage(`#/traces/${traceId}`, {}, async (page) => {
    await details(page).getByText("9007199254740993", { exact: true }).waitFor();
    await details(page).getByText("18446744073709551615", { exact: true }).first().waitFor();
    await page.getByRole("searchbox").fill("order=9007199254740993");
    await page.getByText("1 of 1", { exact: true }).waitFor();
    await page.getByRole("link", { name: "Raw data" }).click();
    const raw = page.getByLabel("Raw data", { exact: true });
    await raw.filter({ hasText: '"order": 9007199254740993' }).waitFor();
    await raw.filter({ hasText: '"parcel": 18446744073709551615' }).waitFor();
  });
});

test("a_line_that_ended_before_it_started_says_so", async () => {
  const start = now() - 100;
  const request = { ...simpleRequest(start, { path: "/", status: 200, seconds: 0 }), end_time: start - 2 };
  await putTrace(url(), [request]);
  await withPage(`#/traces/${request.trace_id}`, {}, async (page) => {
    await fact(page, "Duration").getByText("0 ms: ended 2.00 s before it started").waitFor();
    assert.notEqual(await fact(page, "End").textContent(), await fact(page, "Start").textContent());
  });
});

test("a_trace_and_parts_of_it_that_come_late_appear_without_a_reload", async () => {
  const { traceId, documents } = failedCheckout(now() - 1);
  await withPage(`#/traces/${traceId}`, {}, async (page) => {
    await page.getByRole("heading", { name: "This trace is not stored" }).waitFor();
    await putTrace(url(), documents.slice(0, 1));
    await page.getByRole("row", { name: /inventory\.shop\.example/ }).waitFor();
    await page.getByRole("row", { name: /render-error/ }).click();
    await page.getByRole("button", { name: "Critical path" }).focus();
    await putTrace(url(), documents.slice(1));
    await page.getByRole("row", { name: /stock@db/ }).waitFor();
    // Nothing else has changed.
    await page.getByRole("row", { selected: true }).filter({ hasText: "render-error" }).waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Critical path");
  });
});

test("a_running_trace_that_cannot_be_read_again_says_so_and_goes_on_once_it_can", async () => {
  const { traceId, begun, ended } = unfinishedRequest(now() - 2);
  await putTrace(url(), [begun]);
  await withPage(
    `#/traces/${traceId}`,
    {},
    async (page) => {
      await page.getByRole("treegrid").waitFor();
      await page.route("**/Traces", (route) => route.abort());
      const alert = page.getByRole("alert").filter({ hasText: "The trace could not be read again" });
      await alert.waitFor();
      assert.ok(await page.getByRole("treegrid").isVisible());
      await putTrace(url(), [ended]);
      await page.unroute("**/Traces");
      await alert.getByRole("button", { name: "Try again" }).click();
      await fact(page, "Duration").getByText("2.50 s").waitFor();
      await alert.waitFor({ state: "hidden" });
    },
    ["Failed to load resource: net::ERR_FAILED"],
  );
});

test("the_keyboard_is_back_where_it_was_once_a_dialog_closes", async () => {
  const comesTo = (page, name) =>
    page.waitForFunction((wanted) => {
      const { activeElement } = document;
      return wanted === (activeElement.getAttribute("aria-label") ?? activeElement.textContent);
    }, name);
  await putTrace(url(), [simpleRequest(now() - 5, { path: "/", status: 200, seconds: 0.1 })]);
  await withPage("#/traces", {}, async (page) => {
    await page.getByRole("table").or(page.getByRole("grid")).first().waitFor();
    for (const close of [
      () => page.getByRole("button", { name: "Keep the traces" }).press("Enter"),
      () => page.keyboard.press("Escape"),
    ]) {
      await page.locator("summary", { hasText: "More" }).press("Enter");
      await page.getByRole("button", { name: "Clear the store" }).press("Enter");
      await page.getByRole("dialog").waitFor();
      await assertAccessible(page);
      await close();
      await page.getByRole("dialog").waitFor({ state: "hidden" });
      await comesTo(page, "More");
    }
  });
  await withPage("#/sampling", {}, async (page) => {
    for (const close of ["Cancel", "Escape"]) {
      await page.getByRole("button", { name: "Edit Default" }).press("Enter");
      await page.getByRole("dialog").waitFor();
      await assertAccessible(page);
      if (close === "Escape") await page.keyboard.press(close);
      else await page.getByRole("button", { name: close }).press("Enter");
      await page.getByRole("dialog").waitFor({ state: "hidden" });
      await comesTo(page, "Edit Default");
    }
  });
});

test("a_refusal_is_told_in_the_words_of_who_refused", async () => {
  const refusals = [
    [413, "the body is too large\n", "GetSamplingRules: the body is too large (HTTP 413)"],
    [502, "<html><h1>Bad Gateway</h1></html>", "GetSamplingRules: HTTP status 502"],
    [429, '{"Message":"Rate exceeded"}', "GetSamplingRules: Rate exceeded (HTTP 429)"],
  ];
  await withPage(
    "#/sampling",
    {},
    async (page) => {
      for (const [status, body, words] of refusals) {
        await page.route("**/GetSamplingRules", (route) => route.fulfill({ status, body }));
        await page.getByRole("alert").getByText(words, { exact: true }).waitFor();
        await page.unroute("**/GetSamplingRules");
      }
    },
    ["413 (Payload Too Large)", "502 (Bad Gateway)", "429 (Too Many Requests)"].map(
      (status) => `Failed to load resource: the server responded with a status of ${status}`,
    ),
  );
});
