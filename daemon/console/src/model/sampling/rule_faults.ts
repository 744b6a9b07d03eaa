import type { RuleDraft } from "./sampling_rule";

/** What the API says about a rule: of its fields what it says of them, and what is left. */
export interface RuleFaults {
  readonly byField: ReadonlyMap<keyof RuleDraft, string>;
  readonly other: string;
}

const FIELDS: Readonly<Record<string, keyof RuleDraft>> = {
  rulename: "name",
  priority: "priority",
  reservoirsize: "reservoirSize",
  fixedrate: "rate",
  servicename: "serviceName",
  servicetype: "serviceType",
  host: "host",
  httpmethod: "httpMethod",
  urlpath: "urlPath",
  resourcearn: "resourceArn",
  attributes: "attributes",
  "samplingrateboost.maxrate": "boostRate",
  "samplingrateboost.cooldownwindowminutes": "boostCooldown",
};

/** The form has these in per cent, the API as a share. */
const RATES: readonly (keyof RuleDraft)[] = ["rate", "boostRate"];

const VIOLATION =
  /^Value .* at '(?:samplingRule|samplingRuleUpdate)\.([\w.]+)' failed to satisfy constraint: (?:Member )?(.*)$/s;

/** Takes a message apart: "2 validation errors detected: Value '' at 'samplingRule.ruleName' …". */
export function ruleFaults(message: string): RuleFaults {
  const byField = new Map<keyof RuleDraft, string>();
  const text = message.replace(/ \(HTTP \d+\)$/, "");
  const list = /^\d+ validation errors? detected: (.*)$/s.exec(text)?.[1];
  // A value may hold what looks like the end of its violation, so that each begins with its own.
  const parts = list === undefined ? [text] : list.split(/; (?=Value )/);
  const other: string[] = [];
  for (const part of parts) {
    const match = VIOLATION.exec(part);
    const field = FIELDS[match?.[1]?.toLowerCase() ?? ""];
    if (match && field) {
      const words = RATES.includes(field) ? `As a share, it ${match[2]}` : `It ${match[2]}`;
      byField.set(field, words);
      continue;
    }
    const named = /^(Priority|FixedRate|ReservoirSize) (must .*)$/.exec(part);
    const namedField = FIELDS[named?.[1]?.toLowerCase() ?? ""];
    if (named && namedField) {
      byField.set(namedField, `${namedField === "rate" ? "As a share, it" : "It"} ${named[2]}`);
    } else {
      other.push(part);
    }
  }
  return { byField, other: other.join("; ") };
}
