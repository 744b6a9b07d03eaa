import assert from "node:assert/strict";
import { test } from "node:test";
import { ruleFaults } from "../src/model/sampling/rule_faults";
import { countsByRule } from "../src/model/sampling/sampling_counts";
import {
  conditionsOf,
  draftOf,
  memberOf,
  NEW_RULE,
  rateWords,
  type SamplingRule,
} from "../src/model/sampling/sampling_rule";

const rule: SamplingRule = {
  name: "Checkout",
  priority: 10,
  fixedRate: 0.07,
  reservoirSize: 2,
  serviceName: "shop",
  serviceType: "*",
  host: "*",
  httpMethod: "POST",
  urlPath: "*",
  resourceArn: "*",
  attributes: [["tenant", "a=b*"]],
  boost: { maxRate: 0.55, cooldownMinutes: 10 },
};

test("a_rule_survives_its_form_and_its_rate_stays_what_it_was", () => {
  const member = memberOf(draftOf(rule));
  assert.equal(member["FixedRate"], 0.07);
  assert.equal(draftOf(rule).rate, "7");
  assert.deepEqual(member["Attributes"], { tenant: "a=b*" });
  assert.equal(member["HTTPMethod"], "POST");
  assert.deepEqual(member["SamplingRateBoost"], { MaxRate: 0.55, CooldownWindowMinutes: 10 });
  assert.equal("SamplingRateBoost" in memberOf({ ...NEW_RULE, boostRate: " " }), false);
  // What is no number goes to the API, which says so.
  assert.equal(memberOf({ ...NEW_RULE, priority: "first" })["Priority"], "first");
  assert.deepEqual(Object.keys(memberOf({ ...NEW_RULE, name: "Default" })), [
    "RuleName",
    "ReservoirSize",
    "FixedRate",
  ]);
});

test("conditions_are_the_patterns_that_do_not_take_all", () => {
  assert.deepEqual(conditionsOf(rule), [
    ["service", "shop"],
    ["method", "POST"],
    ["tenant", "a=b*"],
  ]);
  assert.equal(rateWords(0.0025), "0.25 %");
  assert.equal(rateWords(1), "100 %");
});

test("windows_add_up_by_rule_and_by_minute", () => {
  const window = (start: number, requests: number) => ({
    rule: "r",
    start,
    requests,
    sampled: 1,
    borrowed: 1,
  });
  const counts = countsByRule([window(1790, 5), window(1800, 7), window(0, 100)], 1805).get("r");
  assert.deepEqual([counts?.requests, counts?.sampled, counts?.borrowed], [112, 3, 3]);
  assert.deepEqual(counts?.minutes.slice(-2), [
    { requests: 5, sampled: 1 },
    { requests: 7, sampled: 1 },
  ]);
});

test("what_the_api_refuses_is_told_at_its_field", () => {
  const message =
    "2 validation errors detected: Value '' at 'samplingRule.ruleName' failed to satisfy " +
    "constraint: Member must have length greater than or equal to 1; Value '2.0' at " +
    "'samplingRule.fixedRate' failed to satisfy constraint: Member must have value less than or " +
    "equal to 1 (HTTP 400)";
  const { byField, other } = ruleFaults(message);
  assert.equal(byField.get("name"), "It must have length greater than or equal to 1");
  assert.match(byField.get("rate") ?? "", /^As a share, it must have value/);
  assert.equal(other, "");
  assert.equal(ruleFaults("Checkout already exists (HTTP 400)").other, "Checkout already exists");
  assert.equal(
    ruleFaults("Priority must be between 1 and 9999").byField.get("priority"),
    "It must be between 1 and 9999",
  );
});
