import { numberAt, recordAt, recordsAt, textAt, type JsonRecord } from "../model/json";
import type { SamplingRule, SamplingWindow } from "../model/sampling/sampling_rule";
import { callXray } from "./client";

export async function getSamplingRules(signal: AbortSignal): Promise<readonly SamplingRule[]> {
  const answer = await callXray("GetSamplingRules", "/GetSamplingRules", {}, signal);
  return recordsAt(answer, "SamplingRuleRecords")
    .map((record) => readRule(recordAt(record, "SamplingRule")))
    .sort((a, b) => a.priority - b.priority || a.name.localeCompare(b.name));
}

export async function getSamplingWindows(signal: AbortSignal): Promise<readonly SamplingWindow[]> {
  const path = "/SamplingStatisticSummaries";
  const answer = await callXray("GetSamplingStatisticSummaries", path, {}, signal);
  return recordsAt(answer, "SamplingStatisticSummaries").map((window) => ({
    rule: textAt(window, "RuleName") ?? "",
    start: numberAt(window, "Timestamp") ?? 0,
    requests: numberAt(window, "RequestCount") ?? 0,
    sampled: numberAt(window, "SampledCount") ?? 0,
    borrowed: numberAt(window, "BorrowCount") ?? 0,
  }));
}

export async function createSamplingRule(rule: JsonRecord, signal: AbortSignal): Promise<void> {
  const input = { SamplingRule: { ...rule, Version: 1 } };
  await callXray("CreateSamplingRule", "/CreateSamplingRule", input, signal);
}

export async function updateSamplingRule(change: JsonRecord, signal: AbortSignal): Promise<void> {
  const input = { SamplingRuleUpdate: change };
  await callXray("UpdateSamplingRule", "/UpdateSamplingRule", input, signal);
}

export async function deleteSamplingRule(name: string, signal: AbortSignal): Promise<void> {
  await callXray("DeleteSamplingRule", "/DeleteSamplingRule", { RuleName: name }, signal);
}

function readRule(rule: JsonRecord): SamplingRule {
  const text = (key: string) => textAt(rule, key) ?? "*";
  const attributes = Object.entries(recordAt(rule, "Attributes")).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  const boost = recordAt(rule, "SamplingRateBoost");
  const maxRate = numberAt(boost, "MaxRate");
  return {
    name: textAt(rule, "RuleName") ?? "",
    priority: numberAt(rule, "Priority") ?? 0,
    fixedRate: numberAt(rule, "FixedRate") ?? 0,
    reservoirSize: numberAt(rule, "ReservoirSize") ?? 0,
    serviceName: text("ServiceName"),
    serviceType: text("ServiceType"),
    host: text("Host"),
    httpMethod: text("HTTPMethod"),
    urlPath: text("URLPath"),
    resourceArn: text("ResourceARN"),
    attributes,
    boost:
      maxRate === undefined
        ? undefined
        : { maxRate, cooldownMinutes: numberAt(boost, "CooldownWindowMinutes") ?? 0 },
  };
}
