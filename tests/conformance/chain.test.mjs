// Two daemons in a row: what aws-xray-sdk-core sends to one that forwards arrives, signed, in the store
// of one with the local backend, and the rules of that one reach the SDK.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import AWSXRay from "aws-xray-sdk-core";

import { eventually, startForwardingXrayd, startXrayd } from "./xrayd_process.mjs";

let back;
let front;

before(async () => {
  back = await startXrayd();
  front = await startForwardingXrayd(back.url);
  AWSXRay.setDaemonAddress(front.udp);
  AWSXRay.enableManualMode();
  AWSXRay.middleware.disableCentralizedSampling();
});

after(async () => {
  assert.equal(await front.stop(), 0);
  assert.equal(await back.stop(), 0);
});

async function call(daemon, operation, body) {
  const answer = await fetch(`${daemon.url}/${operation}`, {
    method: "POST",
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: answer.status === 200 ? await answer.json() : undefined };
}

test("segments pass two daemons unharmed", async () => {
  const segments = [];
  for (let i = 0; i < 120; ++i) {
    const segment = new AWSXRay.Segment("chained");
    segment.addMetadata("text", `line ${i}\n"quoted" \\ \u2028 \u{1f600}`);
    segment.addNewSubsegment("inner").close();
    segment.close();
    segments.push(segment);
  }
  for (const segment of segments) {
    const document = await eventually(async () => {
      const { body } = await call(back, "Traces", { TraceIds: [segment.trace_id] });
      return body.Traces[0]?.Segments[0]?.Document;
    });
    assert.deepEqual(JSON.parse(document).metadata, segment.metadata);
  }
});

test("sampling calls pass through, everything else stops at the first daemon", async () => {
  const rules = await eventually(async () => {
    const answer = await call(front, "GetSamplingRules", {});
    return answer.status === 200 ? answer.body : undefined;
  });
  assert.deepEqual(rules, (await call(back, "GetSamplingRules", {})).body);
  assert.equal((await call(front, "Traces", { TraceIds: [] })).status, 404);
});
