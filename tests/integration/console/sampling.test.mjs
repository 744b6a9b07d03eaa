// The page of sampling rules: reading, live counts, making, changing, deleting.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAccessible, assertNoSidewaysScrolling, screenshot } from "./browser.mjs";
import {
  DARK,
  NARROW,
  now,
  REFUSAL,
  useConsole,
} from "./console_page.mjs";
import { HOSTILE } from "./sample_traces.mjs";

const { url, withPage } = useConsole();

const row = (page, name) => page.getByRole("row").filter({ hasText: name });

async function call(operation, input) {
  const response = await fetch(`${url()}/${operation}`, {
    method: "POST",
    body: JSON.stringify(input),
  });
  assert.equal(response.status, 200, await response.clone().text());
  return response.json();
}

const report = (rule, requests, sampled, borrowed) =>
  call("SamplingTargets", {
    SamplingStatisticsDocuments: [
      {
        RuleName: rule,
        ClientID: "0123456789abcdef01234567",
        Timestamp: now(),
        RequestCount: requests,
        SampledCount: sampled,
        BorrowCount: borrowed,
      },
    ],
  });

test("the_default_rule_is_there_and_cannot_be_deleted", async () => {
  await withPage("#/sampling", {}, async (page) => {
    await row(page, "Default").getByText("every request that no other rule matches").waitFor();
    assert.ok(await page.getByRole("button", { name: "Delete Default" }).isDisabled());
    await page.getByText("No sampler has reported within half an hour.").waitFor();
    await page.getByRole("button", { name: "Edit Default" }).click();
    assert.equal(await page.getByLabel("URL path").count(), 0);
    await page.getByLabel("Rate").fill("12.5");
    await page.getByRole("button", { name: "Save" }).click();
    await row(page, "Default").getByText("12.5 %").waitFor();
  });
});

test("a_rule_is_made_changed_and_deleted_and_refusals_are_told_at_their_fields", async () => {
  const use = async (page) => {
    await page.getByRole("button", { name: "New rule" }).click();
    const dialog = page.getByRole("dialog", { name: "New sampling rule" });
    await dialog.getByLabel("Rate", { exact: true }).fill("200");
    await dialog.getByLabel("Boost to at most").fill("300");
    await dialog.getByRole("button", { name: "Create rule" }).click();
    await dialog.getByText("As a share, it must have value less than or equal to 1").nth(1).waitFor();
    assert.equal(await dialog.getByLabel("Name", { exact: true }).getAttribute("aria-invalid"), "true");
    await screenshot(page, "sampling-refused");
    await dialog.getByLabel("Name", { exact: true }).fill("Checkout");
    await dialog.getByLabel("Priority").fill("10");
    await dialog.getByLabel("Rate", { exact: true }).fill("50");
    await dialog.getByLabel("Boost to at most").fill("80");
    await dialog.getByLabel("One boost within").fill("10");
    await dialog.getByLabel("URL path").fill("/checkout*");
    await dialog.getByLabel("Attributes").fill("tenant=acme*");
    // The keyboard alone does it.
    await dialog.getByLabel("URL path").press("Enter");
    await dialog.waitFor({ state: "detached" });
    await row(page, "Checkout").getByText("/checkout*").waitFor();
    await row(page, "Checkout").getByText("acme*").waitFor();
    await row(page, "Checkout").getByText("50 %").waitFor();
    await row(page, "Checkout").getByText("boost to 80 %").waitFor();
    // By priority: before Default.
    const names = await page.getByRole("rowheader").allInnerTexts();
    assert.deepEqual(names.map((name) => name.split("\n")[0]), ["Checkout", "Default"]);

    await page.getByRole("button", { name: "Edit Checkout" }).click();
    await page.getByLabel("Reservoir").fill("7");
    await page.getByRole("button", { name: "Save" }).click();
    await row(page, "Checkout").getByText("7 /s").waitFor();
    const { SamplingRuleRecords: records } = await call("GetSamplingRules", {});
    const { SamplingRule: rule } = records.find((one) => one.SamplingRule.RuleName === "Checkout");
    assert.equal(rule.FixedRate, 0.5);
    assert.deepEqual(rule.Attributes, { tenant: "acme*" });
    assert.deepEqual(rule.SamplingRateBoost, { MaxRate: 0.8, CooldownWindowMinutes: 10 });

    await page.getByRole("button", { name: "Delete Checkout" }).click();
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Delete Checkout" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await row(page, "Checkout").waitFor({ state: "detached" });
  };
  await withPage("#/sampling", {}, use, [REFUSAL]);
});

test("what_samplers_report_is_counted_on_the_page_without_a_reload", async () => {
  await withPage("#/sampling", {}, async (page) => {
    await row(page, "Default").waitFor();
    await report("Default", 1200, 60, 3);
    await row(page, "Default").getByText("1,200").waitFor({ timeout: 10_000 });
    const cells = await row(page, "Default").getByRole("cell").allInnerTexts();
    const figures = cells.map((text) => text.replace(/\s+/g, " "));
    assert.deepEqual(figures.slice(3, 6), ["1,200", "60 5 %", "3"]);
    await page.getByRole("img", { name: "1,200 requests, 60 sampled" }).waitFor();
    await screenshot(page, "sampling");
  });
  await withPage("#/sampling", DARK, async (page) => {
    await row(page, "Default").waitFor();
    await screenshot(page, "sampling-dark");
    await assertAccessible(page);
  });
});

test("a_rule_with_a_hostile_name_is_text_and_fits_a_phone", async () => {
  const patterns = { ServiceName: "*", ServiceType: "*", HTTPMethod: "*", ResourceARN: "*" };
  await call("CreateSamplingRule", {
    SamplingRule: {
      ...patterns,
      RuleName: HOSTILE.slice(0, 32),
      Priority: 1,
      FixedRate: 0,
      ReservoirSize: 0,
      Host: `${"x".repeat(50)}`,
      URLPath: HOSTILE,
      Version: 1,
    },
  });
  await withPage("#/sampling", NARROW, async (page) => {
    await row(page, HOSTILE).waitFor();
    assert.equal(await page.locator("main img").count(), 0);
    await assertNoSidewaysScrolling(page);
    await screenshot(page, "sampling-narrow");
  });
});
