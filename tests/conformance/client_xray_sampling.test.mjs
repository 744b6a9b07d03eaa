// @aws-sdk/client-xray against xrayd's sampling operations.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import {
  CreateSamplingRuleCommand,
  DeleteSamplingRuleCommand,
  GetSamplingRulesCommand,
  GetSamplingStatisticSummariesCommand,
  GetSamplingTargetsCommand,
  InvalidRequestException,
  RuleLimitExceededException,
  UpdateSamplingRuleCommand,
  XRayClient,
  XRayServiceException,
  paginateGetSamplingRules,
  paginateGetSamplingStatisticSummaries,
} from "@aws-sdk/client-xray";

import { startXrayd } from "./xrayd_process.mjs";

const CLIENT_ID = "0123456789abcdef01234567";

let xrayd;
let client;

before(async () => {
  xrayd = await startXrayd();
  client = new XRayClient({
    endpoint: xrayd.url,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 1,
  });
});

after(async () => {
  client.destroy();
  assert.equal(await xrayd.stop(), 0);
});

beforeEach(async () => {
  for (const { SamplingRule } of await rules()) {
    if (SamplingRule.RuleName !== "Default") await remove({ RuleName: SamplingRule.RuleName });
  }
});

function rule(RuleName, members) {
  return {
    RuleName,
    ResourceARN: "*",
    Priority: 10,
    FixedRate: 0.1,
    ReservoirSize: 5,
    ServiceName: "*",
    ServiceType: "*",
    Host: "*",
    HTTPMethod: "*",
    URLPath: "*",
    Version: 1,
    ...members,
  };
}

function tags(count, Value) {
  return Array.from({ length: count }, (_, i) => ({ Key: `key-${i}`, Value }));
}

async function create(SamplingRule, Tags) {
  const answer = await client.send(new CreateSamplingRuleCommand({ SamplingRule, Tags }));
  return answer.SamplingRuleRecord;
}

async function update(SamplingRuleUpdate) {
  const answer = await client.send(new UpdateSamplingRuleCommand({ SamplingRuleUpdate }));
  return answer.SamplingRuleRecord;
}

async function remove(key) {
  return (await client.send(new DeleteSamplingRuleCommand(key))).SamplingRuleRecord;
}

async function rules() {
  return (await client.send(new GetSamplingRulesCommand({}))).SamplingRuleRecords;
}

function statistics(RuleName, members) {
  return {
    RuleName,
    ClientID: CLIENT_ID,
    Timestamp: new Date(),
    RequestCount: 1,
    SampledCount: 0,
    BorrowCount: 0,
    ...members,
  };
}

function targets(SamplingStatisticsDocuments, SamplingBoostStatisticsDocuments) {
  return client.send(
    new GetSamplingTargetsCommand({ SamplingStatisticsDocuments, SamplingBoostStatisticsDocuments }),
  );
}

function refusal(type, words) {
  return (error) =>
    error instanceof type &&
    error.$metadata.httpStatusCode === 400 &&
    error.message.includes(words);
}

function violation(words) {
  return (error) =>
    refusal(XRayServiceException, words)(error) && error.name === "ValidationException";
}

test("the default rule is there, with times and without a boost", async () => {
  const [{ SamplingRule, CreatedAt, ModifiedAt }] = await rules();
  assert.equal(SamplingRule.RuleName, "Default");
  assert.equal(SamplingRule.Priority, 10_000);
  assert.equal(SamplingRule.FixedRate, 1);
  assert.equal(SamplingRule.ReservoirSize, 1);
  assert.deepEqual(SamplingRule.Attributes, {});
  assert.equal(SamplingRule.SamplingRateBoost ?? undefined, undefined);
  assert.deepEqual(CreatedAt, new Date(0));
  assert.deepEqual(ModifiedAt, new Date(0));
});

test("the smallest and the largest rule come back as they were put", async () => {
  const patterns = ["ResourceARN", "ServiceName", "ServiceType", "Host", "HTTPMethod", "URLPath"];
  const smallest = rule("s", {
    ...Object.fromEntries(patterns.map((name) => [name, ""])),
    Priority: 1,
    FixedRate: 0,
    ReservoirSize: 0,
  });
  const largest = rule("n".repeat(32), {
    ResourceARN: "r".repeat(500),
    Priority: 9999,
    FixedRate: 1,
    ReservoirSize: 2 ** 31 - 1,
    ServiceName: "s".repeat(64),
    ServiceType: "t".repeat(64),
    Host: "h".repeat(64),
    HTTPMethod: "m".repeat(10),
    URLPath: "u".repeat(128),
    Attributes: Object.fromEntries([0, 1, 2, 3, 4].map((i) => [`${i}`.repeat(32), "v".repeat(32)])),
    SamplingRateBoost: { MaxRate: 1, CooldownWindowMinutes: 2 ** 31 - 1 },
  });
  await create(smallest);
  await create(largest, tags(50, "v".repeat(256)));
  const found = [];
  for await (const page of paginateGetSamplingRules({ client }, {})) {
    found.push(...page.SamplingRuleRecords.map((record) => record.SamplingRule));
  }
  assert.deepEqual(
    found.map((each) => each.RuleName),
    ["s", "n".repeat(32), "Default"],
  );
  for (const [i, put] of [smallest, largest].entries()) {
    for (const [name, value] of Object.entries(put)) assert.deepEqual(found[i][name], value, name);
  }
});

test("an update is a patch, by name or by ARN", async () => {
  const { SamplingRule, CreatedAt } = await create(
    rule("patched", { SamplingRateBoost: { MaxRate: 0.5, CooldownWindowMinutes: 3 } }),
  );
  const first = await update({ RuleName: "patched", FixedRate: 0 });
  assert.deepEqual(first.SamplingRule, { ...SamplingRule, FixedRate: 0 });
  assert.deepEqual(first.CreatedAt, CreatedAt);
  const second = await update({ RuleARN: SamplingRule.RuleARN, Host: "h", ReservoirSize: 0 });
  assert.deepEqual(second.SamplingRule, { ...first.SamplingRule, Host: "h", ReservoirSize: 0 });
  const gone = await remove({ RuleARN: SamplingRule.RuleARN });
  assert.deepEqual(gone.SamplingRule, second.SamplingRule);
});

test("of the default rule rate and reservoir change, and nothing else", async () => {
  const changed = await update({ RuleName: "Default", FixedRate: 0.5, ReservoirSize: 2 });
  assert.equal(changed.SamplingRule.FixedRate, 0.5);
  await assert.rejects(
    update({ RuleName: "Default", Host: "*" }),
    refusal(InvalidRequestException, "default sampling rule"),
  );
  await assert.rejects(remove({ RuleName: "Default" }), refusal(InvalidRequestException, "deleted"));
  await update({ RuleName: "Default", FixedRate: 1, ReservoirSize: 1 });
});

test("what makes no sense is an InvalidRequestException", async () => {
  await create(rule("taken"));
  for (const [words, call] of [
    ["already exists", () => create(rule("taken"))],
    ["reserved", () => create(rule("Default"))],
    ["not both", () => create(rule("x", { RuleARN: "arn" }))],
    ["50 user tags", () => create(rule("x"), tags(51, ""))],
    ["not found", () => update({ RuleName: "nobody" })],
    ["either", () => update({})],
    ["not both", () => update({ RuleName: "taken", RuleARN: "arn" })],
    ["Priority", () => update({ RuleName: "taken", Priority: 10_000 })],
    ["FixedRate", () => update({ RuleName: "taken", FixedRate: -1 })],
    ["ReservoirSize", () => update({ RuleName: "taken", ReservoirSize: -1 })],
    ["not found", () => remove({ RuleName: "nobody" })],
    ["either", () => remove({})],
  ]) {
    await assert.rejects(call(), refusal(InvalidRequestException, words), words);
  }
});

test("violated limits are ValidationExceptions that name the member", async () => {
  for (const [words, members] of [
    ["ruleName", { RuleName: undefined }],
    ["ruleName", { RuleName: "n".repeat(33) }],
    ["priority", { Priority: 0 }],
    ["fixedRate", { FixedRate: 1.5 }],
    ["uRLPath", { URLPath: "u".repeat(129) }],
    ["version", { Version: 2 }],
    ["samplingRateBoost.maxRate", { SamplingRateBoost: { MaxRate: 2, CooldownWindowMinutes: 1 } }],
  ]) {
    await assert.rejects(create(rule("x", members)), violation(`samplingRule.${words}'`), words);
  }
  await assert.rejects(create(undefined), violation("Value null at 'samplingRule'"));
  await assert.rejects(update(undefined), violation("Value null at 'samplingRuleUpdate'"));
});

test("the 26th rule is a RuleLimitExceededException", async () => {
  for (let i = 0; i < 25; ++i) await create(rule(`rule-${i}`));
  await assert.rejects(create(rule("more")), refusal(RuleLimitExceededException, "25"));
});

test("a report is answered by a target of typed members", async () => {
  await create(rule("reported"));
  const answer = await targets([
    statistics("reported", { RequestCount: 110, SampledCount: 20, BorrowCount: 10 }),
    statistics("nobody"),
  ]);
  const [target] = answer.SamplingTargetDocuments;
  assert.equal(target.RuleName, "reported");
  assert.equal(target.FixedRate, 0.1);
  assert.equal(target.ReservoirQuota, 5);
  assert.equal(target.Interval, 10);
  const remaining = target.ReservoirQuotaTTL.getTime() - Date.now();
  assert.ok(remaining > 15_000 && remaining <= 20_000, `${remaining} ms`);
  assert.ok(Math.abs(answer.LastRuleModification.getTime() - Date.now()) < 5_000);
  assert.deepEqual(answer.UnprocessedStatistics, [
    { RuleName: "nobody", ErrorCode: "400", Message: "Unknown rule" },
  ]);

  const found = [];
  for await (const page of paginateGetSamplingStatisticSummaries({ client }, {})) {
    found.push(...page.SamplingStatisticSummaries);
  }
  const summary = found.find((each) => each.RuleName === "reported");
  assert.ok(summary.Timestamp instanceof Date);
  assert.equal(summary.Timestamp.getTime() % 10_000, 0);
  assert.deepEqual([summary.RequestCount, summary.SampledCount, summary.BorrowCount], [110, 20, 10]);
  const all = await client.send(new GetSamplingStatisticSummariesCommand({}));
  assert.deepEqual(all.SamplingStatisticSummaries, found);
});

test("boost statistics are taken, and no boost is ever invented", async () => {
  await create(rule("boosted", { SamplingRateBoost: { MaxRate: 1, CooldownWindowMinutes: 1 } }));
  const boost = (RuleName) => ({
    RuleName,
    ServiceName: "shop",
    Timestamp: new Date(),
    AnomalyCount: 5,
    TotalCount: 10,
    SampledAnomalyCount: 1,
  });
  const answer = await targets([statistics("boosted")], [boost("boosted"), boost("nobody")]);
  assert.equal(answer.SamplingTargetDocuments[0].SamplingBoost ?? undefined, undefined);
  assert.deepEqual(answer.UnprocessedBoostStatistics, [
    { RuleName: "nobody", ErrorCode: "400", Message: "Unknown rule" },
  ]);
  await assert.rejects(
    targets([], [{ ...boost("boosted"), TotalCount: -1 }]),
    violation("samplingBoostStatisticsDocuments.1.member.totalCount"),
  );
});

test("none to 25 reports are taken, 26 are not", async () => {
  assert.deepEqual((await targets([])).SamplingTargetDocuments, []);
  const many = Array.from({ length: 25 }, () => statistics("Default"));
  assert.equal((await targets(many)).SamplingTargetDocuments.length, 25);
  await assert.rejects(targets([...many, many[0]]), violation("samplingStatisticsDocuments"));
  await assert.rejects(targets(undefined), violation("Value null at"));
  await assert.rejects(
    targets([statistics("Default", { ClientID: "short" })]),
    violation("samplingStatisticsDocuments.1.member.clientID"),
  );
});
