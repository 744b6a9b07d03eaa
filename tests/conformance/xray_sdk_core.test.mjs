// aws-xray-sdk-core, AWS's own SDK for Node.js, sends to xrayd over UDP.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import AWSXRay from "aws-xray-sdk-core";

import { eventually, startXrayd } from "./xrayd_process.mjs";

let xrayd;

before(async () => {
  xrayd = await startXrayd();
  AWSXRay.setDaemonAddress(xrayd.udp);
  AWSXRay.enableManualMode();
  AWSXRay.middleware.disableCentralizedSampling();
});

after(async () => {
  assert.equal(await xrayd.stop(), 0);
});

async function call(operation, body) {
  const answer = await fetch(`${xrayd.url}/${operation}`, {
    method: "POST",
    body: JSON.stringify(body),
  });
  assert.equal(answer.status, 200);
  return answer.json();
}

/** The trace's documents by name, once `count` of them are stored. */
async function documents(traceId, count) {
  const found = await eventually(async () => {
    const { Traces } = await call("Traces", { TraceIds: [traceId] });
    return Traces[0]?.Segments.length >= count ? Traces[0].Segments : undefined;
  });
  return Object.fromEntries(
    found.map(({ Document }) => JSON.parse(Document)).map((document) => [document.name, document]),
  );
}

test("a segment with nested subsegments arrives with everything on it", async () => {
  const segment = new AWSXRay.Segment("node-service");
  segment.addAnnotation("customer", "c-17");
  segment.addMetadata("cart", { items: [1, 2] }, "shop");
  segment.setUser("c-17");
  const outer = segment.addNewSubsegment("outer");
  const inner = outer.addNewSubsegment("inner");
  inner.addError(new TypeError("no such cart"));
  inner.close();
  outer.close();
  segment.close();

  const { "node-service": document } = await documents(segment.trace_id, 1);
  assert.equal(document.id, segment.id);
  assert.equal(document.user, "c-17");
  assert.deepEqual(document.annotations, { customer: "c-17" });
  assert.deepEqual(document.metadata.shop, { cart: { items: [1, 2] } });
  assert.equal(document.subsegments[0].name, "outer");
  const failed = document.subsegments[0].subsegments[0];
  assert.equal(failed.id, inner.id);
  assert.equal(failed.fault, true);
  assert.equal(failed.cause.exceptions[0].message, "no such cart");
});

test("two services joined by a parent id make one trace", async () => {
  const front = new AWSXRay.Segment("node-front");
  const call = front.addNewSubsegment("node-back");
  call.namespace = "remote";
  const back = new AWSXRay.Segment("node-back", front.trace_id, call.id);
  back.close();
  call.close();
  front.close();

  const found = await documents(front.trace_id, 2);
  assert.equal(found["node-back"].parent_id, found["node-front"].subsegments[0].id);
});

test("subsegments streamed ahead of a large segment end up inside it", async () => {
  AWSXRay.setStreamingThreshold(1);
  const segment = new AWSXRay.Segment("node-streaming");
  const sent = Array.from({ length: 20 }, (_, index) => {
    const subsegment = segment.addNewSubsegment(`part-${index}`);
    subsegment.close();
    return subsegment.id;
  });
  segment.close();

  const found = await eventually(async () => {
    const { "node-streaming": document } = await documents(segment.trace_id, 1);
    const arrived = (document.subsegments ?? []).map((subsegment) => subsegment.id);
    return arrived.length === sent.length ? arrived : undefined;
  });
  assert.deepEqual(found.sort(), sent.sort());
});

test("all of it is counted as taken and listed as whole traces", async () => {
  const segment = new AWSXRay.Segment("node-last");
  segment.close();
  await documents(segment.trace_id, 1);
  const now = Date.now() / 1000;
  const { TraceSummaries } = await call("TraceSummaries", {
    StartTime: now - 300,
    EndTime: now + 2,
  });
  const names = TraceSummaries.map((summary) => summary.EntryPoint.Name).sort();
  assert.deepEqual(names, ["node-front", "node-last", "node-service", "node-streaming"]);
  assert.ok(TraceSummaries.every((summary) => summary.IsPartial === false));
});
