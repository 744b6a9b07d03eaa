import { plural } from "../../model/format";
import { NO_COUNTS, type SamplingCounts } from "../../model/sampling/sampling_counts";
import { conditionsOf, DEFAULT_RULE, rateWords, type SamplingRule } from "../../model/sampling/sampling_rule";
import { SamplingSparkline } from "./sampling_sparkline";
import { Text } from "../controls/text";

interface SamplingTableProps {
  readonly rules: readonly SamplingRule[];
  readonly counts: ReadonlyMap<string, SamplingCounts>;
  readonly edit: (rule: SamplingRule) => void;
  readonly remove: (rule: SamplingRule) => void;
}

/** The rules in the order in which samplers try them, with what became of requests. */
export function SamplingTable(props: SamplingTableProps) {
  return (
    <table class="sampling-table" role="table">
      <caption class="sr-only">Sampling rules, the first that matches decides</caption>
      <thead role="rowgroup">
        <tr role="row">
          {HEADS.map(([name, style]) => (
            <th key={name} role="columnheader" scope="col" class={style}>
              {name}
            </th>
          ))}
          <th role="columnheader" scope="col" class="sampling-tools">
            <span class="sr-only">Change</span>
          </th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        {props.rules.map((rule) => (
          <Row key={rule.name} {...props} rule={rule} />
        ))}
      </tbody>
    </table>
  );
}

const HEADS: readonly (readonly [string, string])[] = [
  ["Priority", "sampling-priority"],
  ["Rule", "sampling-rule"],
  ["Reservoir", "sampling-figure"],
  ["Rate", "sampling-figure"],
  ["Requests", "sampling-figure"],
  ["Sampled", "sampling-figure"],
  ["Borrowed", "sampling-figure"],
  ["Last 30 minutes", "sampling-history"],
];

function Row(props: SamplingTableProps & { readonly rule: SamplingRule }) {
  const { rule, counts } = props;
  const { requests, sampled, borrowed, minutes } = counts.get(rule.name) ?? NO_COUNTS;
  const isDefault = rule.name === DEFAULT_RULE;
  const conditions = conditionsOf(rule);
  return (
    <tr role="row">
      <td role="cell" class="sampling-priority">
        {isDefault ? "last" : rule.priority.toLocaleString("en")}
      </td>
      <th role="rowheader" scope="row" class="sampling-rule">
        <span class="sampling-name">
          <Text value={rule.name} limit={64} />
        </span>
        <span class="sampling-conditions">
          {conditions.length === 0
            ? isDefault
              ? "every request that no other rule matches"
              : "every request"
            : conditions.map(([name, pattern]) => (
                <span key={name} class="tag">
                  <Text value={name} limit={40} /> <Text value={pattern} limit={80} />
                </span>
              ))}
        </span>
      </th>
      <Figure label="Reservoir" value={`${rule.reservoirSize.toLocaleString("en")} /s`} />
      <Figure
        label="Rate"
        value={rateWords(rule.fixedRate)}
        share={rule.boost && `boost to ${rateWords(rule.boost.maxRate)}`}
      />
      <Figure label="Requests" value={requests.toLocaleString("en")} />
      <Figure label="Sampled" value={sampled.toLocaleString("en")} share={share(sampled, requests)} />
      <Figure label="Borrowed" value={borrowed.toLocaleString("en")} />
      <td role="cell" class="sampling-history">
        <SamplingSparkline
          minutes={minutes}
          label={`${plural(requests, "request")}, ${sampled.toLocaleString("en")} sampled`}
        />
      </td>
      <td role="cell" class="sampling-tools">
        <button type="button" class="button" aria-label={`Edit ${rule.name}`} onClick={() => props.edit(rule)}>
          Edit
        </button>
        <button
          type="button"
          class="button"
          aria-label={`Delete ${rule.name}`}
          disabled={isDefault}
          title={isDefault ? "Every request needs a rule: Default cannot be deleted" : undefined}
          onClick={() => props.remove(rule)}
        >
          Delete
        </button>
      </td>
    </tr>
  );
}

/** On a phone the label stands beside the figure. */
function Figure(props: { readonly label: string; readonly value: string; readonly share?: string | undefined }) {
  return (
    <td role="cell" class="sampling-figure" data-label={props.label}>
      {props.value}
      {props.share !== undefined && <span class="sampling-share">{props.share}</span>}
    </td>
  );
}

function share(part: number, whole: number): string {
  return whole > 0 ? rateWords(part / whole) : "";
}
