import type { JsonRecord } from "../json";

/** Which requests are recorded. Texts are patterns: `*` is any text, `?` one character. */
export interface SamplingRule {
  readonly name: string;
  /** The lowest is tried first. */
  readonly priority: number;
  /** Share of the requests beyond the reservoir, 0 to 1. */
  readonly fixedRate: number;
  /** Requests a second that are recorded before the rate counts. */
  readonly reservoirSize: number;
  readonly serviceName: string;
  readonly serviceType: string;
  readonly host: string;
  readonly httpMethod: string;
  readonly urlPath: string;
  readonly resourceArn: string;
  readonly attributes: readonly (readonly [string, string])[];
  readonly boost: RateBoost | undefined;
}

/** Samplers that see failures may record more for a while. */
export interface RateBoost {
  /** Share of the requests, 0 to 1, at most. */
  readonly maxRate: number;
  /** Within so long there is one boost. */
  readonly cooldownMinutes: number;
}

/** What samplers reported of a rule within ten seconds. */
export interface SamplingWindow {
  readonly rule: string;
  /** Seconds since the epoch. */
  readonly start: number;
  readonly requests: number;
  readonly sampled: number;
  readonly borrowed: number;
}

/** What decides where no other rule matches. */
export const DEFAULT_RULE = "Default";

/** What a rule asks of a request, by the words of the form; patterns that take all are left out. */
export function conditionsOf(rule: SamplingRule): readonly (readonly [string, string])[] {
  const all: readonly (readonly [string, string])[] = [
    ["service", rule.serviceName],
    ["type", rule.serviceType],
    ["host", rule.host],
    ["method", rule.httpMethod],
    ["path", rule.urlPath],
    ["resource", rule.resourceArn],
    ...rule.attributes,
  ];
  return all.filter(([, pattern]) => pattern !== "*");
}

/** A share of 0 to 1: "5 %", "0.25 %". */
export function rateWords(rate: number): string {
  return `${Number((rate * 100).toPrecision(3)).toLocaleString("en", { maximumFractionDigits: 6 })} %`;
}

/** What somebody has typed for a rule, not yet looked at. */
export interface RuleDraft {
  readonly name: string;
  readonly priority: string;
  readonly reservoirSize: string;
  /** In per cent. */
  readonly rate: string;
  readonly serviceName: string;
  readonly serviceType: string;
  readonly host: string;
  readonly httpMethod: string;
  readonly urlPath: string;
  readonly resourceArn: string;
  /** `key=pattern`, one a line. */
  readonly attributes: string;
  /** In per cent; empty where there is no boost. */
  readonly boostRate: string;
  readonly boostCooldown: string;
}

export const NEW_RULE: RuleDraft = {
  name: "",
  priority: "1000",
  reservoirSize: "1",
  rate: "5",
  serviceName: "*",
  serviceType: "*",
  host: "*",
  httpMethod: "*",
  urlPath: "*",
  resourceArn: "*",
  attributes: "",
  boostRate: "",
  boostCooldown: "",
};

export function draftOf(rule: SamplingRule): RuleDraft {
  return {
    name: rule.name,
    priority: String(rule.priority),
    reservoirSize: String(rule.reservoirSize),
    rate: percent(rule.fixedRate),
    serviceName: rule.serviceName,
    serviceType: rule.serviceType,
    host: rule.host,
    httpMethod: rule.httpMethod,
    urlPath: rule.urlPath,
    resourceArn: rule.resourceArn,
    attributes: rule.attributes.map(([key, pattern]) => `${key}=${pattern}`).join("\n"),
    boostRate: rule.boost ? percent(rule.boost.maxRate) : "",
    boostCooldown: rule.boost ? String(rule.boost.cooldownMinutes) : "",
  };
}

function percent(share: number): string {
  return String(Number((share * 100).toPrecision(12)));
}

/**
 * What the API is told. Nothing is checked here but what would be no number: what a rule may be is
 * for the API to say.
 */
export function memberOf(draft: RuleDraft): JsonRecord {
  if (draft.name === DEFAULT_RULE) {
    return {
      RuleName: draft.name,
      ReservoirSize: numberIn(draft.reservoirSize),
      FixedRate: rateIn(draft.rate),
    };
  }
  return {
    RuleName: draft.name,
    Priority: numberIn(draft.priority),
    ReservoirSize: numberIn(draft.reservoirSize),
    FixedRate: rateIn(draft.rate),
    ServiceName: draft.serviceName,
    ServiceType: draft.serviceType,
    Host: draft.host,
    HTTPMethod: draft.httpMethod,
    URLPath: draft.urlPath,
    ResourceARN: draft.resourceArn,
    Attributes: Object.fromEntries(
      draft.attributes
        .split("\n")
        .filter((line) => line.trim() !== "")
        .map((line) => {
          const [key = "", pattern = ""] = line.split(/=(.*)/s);
          return [key.trim(), pattern.trim()];
        }),
    ),
    ...boostIn(draft.boostRate.trim(), draft.boostCooldown.trim()),
  };
}

/** The number, or the text where it is none: the API says so in its own words. */
function numberIn(text: string): number | string {
  return text.trim() === "" || Number.isNaN(Number(text)) ? text : Number(text);
}

function rateIn(text: string): number | string {
  const number = numberIn(text);
  return typeof number === "number" ? Number((number / 100).toPrecision(12)) : number;
}

/** Both empty mean that there is none; of one alone the API says what is missing. */
function boostIn(rate: string, cooldown: string): JsonRecord {
  if (rate === "" && cooldown === "") return {};
  return {
    SamplingRateBoost: {
      ...(rate !== "" && { MaxRate: rateIn(rate) }),
      ...(cooldown !== "" && { CooldownWindowMinutes: numberIn(cooldown) }),
    },
  };
}
