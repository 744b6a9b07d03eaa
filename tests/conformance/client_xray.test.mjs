// @aws-sdk/client-xray against xrayd.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";

import {
  BatchGetTracesCommand,
  GetTraceSummariesCommand,
  InvalidRequestException,
  PutTraceSegmentsCommand,
  XRayClient,
  paginateBatchGetTraces,
  paginateGetTraceSummaries,
} from "@aws-sdk/client-xray";

import { startXrayd } from "./xrayd_process.mjs";

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

const hex = (bytes) => randomBytes(bytes).toString("hex");

function segment(members) {
  const now = Date.now() / 1000;
  return {
    name: "js-service",
    id: hex(8),
    trace_id: `1-${Math.floor(now).toString(16)}-${hex(12)}`,
    start_time: now - 1,
    end_time: now - 0.5,
    ...members,
  };
}

function put(...documents) {
  const TraceSegmentDocuments = documents.map((document) => JSON.stringify(document));
  return client.send(new PutTraceSegmentsCommand({ TraceSegmentDocuments }));
}

function recent() {
  return { StartTime: new Date(Date.now() - 300_000), EndTime: new Date(Date.now() + 2_000) };
}

test("a segment that was put is read back", async () => {
  const root = segment({ annotations: { customer: "c-17" } });
  const answer = await put(root);
  assert.deepEqual(answer.UnprocessedTraceSegments, []);
  assert.ok(answer.$metadata.requestId);

  const { Traces } = await client.send(new BatchGetTracesCommand({ TraceIds: [root.trace_id] }));
  assert.equal(Traces.length, 1);
  assert.ok(Math.abs(Traces[0].Duration - 0.5) < 0.001);
  assert.deepEqual(JSON.parse(Traces[0].Segments[0].Document).annotations, { customer: "c-17" });
});

test("a batch of five traces comes back whole by the paginator", async () => {
  const roots = Array.from({ length: 5 }, () => segment());
  await put(...roots);
  const found = [];
  const TraceIds = roots.map((root) => root.trace_id);
  for await (const page of paginateBatchGetTraces({ client }, { TraceIds })) {
    found.push(...page.Traces.map((trace) => trace.Id));
  }
  assert.deepEqual(found.sort(), TraceIds.sort());
});

test("summaries carry typed values and are paged through without a loss", async () => {
  const roots = Array.from({ length: 150 }, () =>
    segment({ fault: true, http: { response: { status: 503 } }, annotations: { gift: true } }),
  );
  await put(...roots);
  const found = new Map();
  for await (const page of paginateGetTraceSummaries({ client }, recent())) {
    for (const summary of page.TraceSummaries) {
      assert.ok(!found.has(summary.Id), "listed twice");
      found.set(summary.Id, summary);
    }
  }
  for (const root of roots) {
    const summary = found.get(root.trace_id);
    assert.ok(summary, "not listed");
    assert.equal(summary.HasFault, true);
    assert.equal(summary.Http.HttpStatus, 503);
    assert.ok(summary.StartTime instanceof Date);
    assert.deepEqual(summary.Annotations.gift[0].AnnotationValue, { BooleanValue: true });
  }
});

test("times with fractions of a second are understood", async () => {
  const root = segment();
  await put(root);
  const start = Number.parseInt(root.trace_id.slice(2, 10), 16) * 1000;
  const { TraceSummaries } = await client.send(
    new GetTraceSummariesCommand({
      StartTime: new Date(start - 500),
      EndTime: new Date(start + 500),
    }),
  );
  assert.ok(TraceSummaries.some((summary) => summary.Id === root.trace_id));
});

test("an invalid request is the modelled exception", async () => {
  await assert.rejects(
    client.send(new BatchGetTracesCommand({ TraceIds: ["nonsense"] })),
    (error) => error instanceof InvalidRequestException && error.$metadata.httpStatusCode === 400,
  );
});

test("a bad document is answered by its code", async () => {
  const { UnprocessedTraceSegments } = await put(segment({ end_time: undefined }));
  assert.equal(UnprocessedTraceSegments.length, 1);
  assert.equal(UnprocessedTraceSegments[0].ErrorCode, "MissingEndTime");
});
