// aws-xray-sdk-core, AWS's own SDK for Node.js, decides as ours does: by the same local rules, and by
// the rules of the same xrayd. (Rates are 0 and 1 alone. What it is known to get wrong is left out:
// requests without a host, and quotas.)
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";

import AWSXRay from "aws-xray-sdk-core";

import { eventually, startXrayd } from "./xrayd_process.mjs";

const require = createRequire(import.meta.url);
const LocalSampler = require("aws-xray-sdk-core/dist/lib/middleware/sampling/local_sampler");
const DefaultSampler = require("aws-xray-sdk-core/dist/lib/middleware/sampling/default_sampler");

const hosts = ["www.shop.example", "WWW.SHOP.EXAMPLE", "shop1.example", "shop12.example", "other"];
const methods = ["GET", "get", "POST", "PUT", "PT", "DELETE"];
const paths = ["/ping", "/PING", "/ping/", "/orders/", "/orders/7", "/orders", "/a/x", "/a/yxz", "/ab/x", "/a/", "/"];
const requests = hosts.flatMap((host) =>
  methods.flatMap((method) => paths.map((path) => ({ host, method, path }))),
);

/** Our samplers, in a process that can be asked. */
class Deciding {
  constructor(...args) {
    this.child = spawn(join(process.env.XRAY_BIN_DIR, "deciding_program"), args, {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.ended = once(this.child, "exit");
    this.answers = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  async ask({ host, method, path }) {
    this.child.stdin.write(`1\tshop\t${host}\t${method}\t${path}\n`);
    const [sampled, rule] = (await this.answers.next()).value.split("\t");
    return { sampled: sampled === "1", rule };
  }

  async stop() {
    this.child.stdin.end();
    await this.ended;
  }
}

let xrayd;

before(async () => {
  xrayd = await startXrayd();
  AWSXRay.setDaemonAddress(`udp:${xrayd.udp} tcp:${new URL(xrayd.url).host}`);
});

after(async () => {
  assert.equal(await xrayd.stop(), 0);
});

async function call(path, body) {
  const answer = await fetch(`${xrayd.url}${path}`, { method: "POST", body: JSON.stringify(body) });
  assert.equal(answer.status, 200, await answer.clone().text());
}

test("by local rules", async () => {
  const file = new URL("sampling_rules.json", import.meta.url);
  const theirs = LocalSampler;
  theirs.setLocalRules(JSON.parse(await readFile(file)));
  const ours = new Deciding("rules", file.pathname);
  const seen = new Set();
  for (const request of requests) {
    const expected = Boolean(
      theirs.shouldSample({ host: request.host, httpMethod: request.method, urlPath: request.path }),
    );
    assert.equal((await ours.ask(request)).sampled, expected, JSON.stringify(request));
    seen.add(expected);
  }
  await ours.stop();
  assert.deepEqual(seen, new Set([true, false]));
});

test("by the rules of one xrayd", async () => {
  const { rules } = JSON.parse(await readFile(new URL("sampling_rules.json", import.meta.url)));
  let Priority = 0;
  for (const rule of rules) {
    await call("/CreateSamplingRule", {
      SamplingRule: {
        RuleName: rule.description,
        Priority: ++Priority,
        Host: rule.host,
        HTTPMethod: rule.http_method,
        URLPath: rule.url_path,
        FixedRate: rule.rate,
        ReservoirSize: 0,
        ServiceName: "*",
        ServiceType: "*",
        ResourceARN: "*",
        Version: 1,
      },
    });
  }
  await call("/UpdateSamplingRule", {
    SamplingRuleUpdate: { RuleName: "Default", FixedRate: 1, ReservoirSize: 0 },
  });

  const theirs = DefaultSampler;
  const decideThere = ({ host, method, path }) =>
    theirs.shouldSample({ serviceName: "shop", host, httpMethod: method, urlPath: path });
  const ours = new Deciding("central", new URL(xrayd.url).host, "300000", "10000");
  const order = { host: "www.shop.example", method: "PUT", path: "/orders/7" };
  await eventually(() => decideThere(order) === "orders");
  await eventually(async () => (await ours.ask(order)).rule === "orders");

  for (const request of requests) {
    const expected = decideThere(request);
    const decided = await ours.ask(request);
    assert.equal(decided.sampled ? decided.rule : false, expected, JSON.stringify(request));
  }
  await ours.stop();
});
