// @aws-sdk/client-xray asks every operation the least, the most and what is refused: the table of
// operations.py, which Python clients go through too.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";

import * as xray from "@aws-sdk/client-xray";

import { startXrayd } from "./xrayd_process.mjs";

const TIMES = new Set(["StartTime", "EndTime", "Timestamp"]);

let xrayd;
let client;
let cases;

before(async () => {
  xrayd = await startXrayd();
  client = new xray.XRayClient({
    endpoint: xrayd.url,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 1,
  });
  const table = execFileSync("python3", ["operations.py", xrayd.url], { maxBuffer: 64 << 20 });
  cases = JSON.parse(table);
});

after(async () => {
  client.destroy();
  assert.equal(await xrayd.stop(), 0);
});

/** With dates where JSON has seconds. */
function typed(value, key) {
  if (TIMES.has(key)) return new Date(value * 1000);
  if (Array.isArray(value)) return value.map((entry) => typed(entry));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, typed(each, name)]));
}

function ask(operation, input) {
  return client.send(new xray[`${operation}Command`](typed(input)));
}

/** Every part of `expected` is in `answer`; of a list, as many entries as are expected. */
function assertHas(answer, expected, path) {
  if (expected === null || typeof expected !== "object") {
    assert.deepEqual(answer, expected, path);
    return;
  }
  for (const [key, value] of Object.entries(expected)) {
    assertHas(answer?.[key], value, `${path}.${key}`);
  }
  if (Array.isArray(expected) && expected.length === 0) assert.equal(answer.length, 0, path);
}

function isRefusal({ error, words }) {
  return (thrown) => {
    assert.equal(thrown.name, error, thrown.message);
    assert.ok(thrown instanceof (xray[error] ?? xray.XRayServiceException), error);
    assert.ok(thrown.message.includes(words), `${thrown.message} has no ${words}`);
    assert.equal(
      thrown.$metadata.httpStatusCode,
      error === "ResourceNotFoundException" ? 404 : 400,
    );
    if (error === "ResourceNotFoundException") assert.ok(thrown.ResourceName);
    return true;
  };
}

test("every operation of the client is in the table", () => {
  const known = Object.keys(xray)
    .filter((name) => name.endsWith("Command") && name !== "$Command")
    .map((name) => name.slice(0, -"Command".length));
  assert.equal(known.length, 38);
  assert.deepEqual(new Set(cases.map((each) => each.operation)), new Set(known));
});

test("the least, the most and what is refused", async (all) => {
  for (const { operation, least, most, refusals, answer } of cases) {
    await all.test(operation, async () => {
      if (least !== null) assert.ok((await ask(operation, least)).$metadata.requestId);
      if (most !== null) assertHas(await ask(operation, most), answer, operation);
      for (const refusal of refusals) {
        for (const [path, input] of refusal.fill) {
          await fetch(xrayd.url + path, { method: "POST", body: JSON.stringify(input) });
        }
        await assert.rejects(ask(operation, refusal.input), isRefusal(refusal));
      }
    });
  }
});

test("times are dates and unions are told apart", async () => {
  const least = (name) => cases.find((each) => each.operation === name).least;
  const { TraceSummaries } = await ask("GetTraceSummaries", {
    ...least("GetTraceSummaries"),
    FilterExpression: 'user = "c-17"',
  });
  const [summary] = TraceSummaries;
  assert.ok(summary.StartTime instanceof Date);
  const kinds = ["NumberValue", "BooleanValue", "StringValue"];
  for (const [i, kind] of kinds.entries()) {
    const [{ AnnotationValue }] = summary.Annotations[`key_${i}`];
    assert.deepEqual(Object.keys(AnnotationValue), [kind]);
  }
  const graph = await ask("GetServiceGraph", least("GetServiceGraph"));
  for (const time of [graph.StartTime, graph.EndTime, graph.Services[0].StartTime]) {
    assert.ok(time instanceof Date);
  }
  const { SamplingRuleRecords } = await ask("GetSamplingRules", {});
  assert.ok(SamplingRuleRecords.every((record) => record.CreatedAt instanceof Date));
  const { IndexingRules } = await ask("GetIndexingRules", {});
  assert.ok(IndexingRules[0].ModifiedAt instanceof Date);
  assert.deepEqual(Object.keys(IndexingRules[0].Rule), ["Probabilistic"]);
});
