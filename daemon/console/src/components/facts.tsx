import type { ComponentChildren } from "preact";
import { prettyJson, type JsonRecord } from "../model/json";
import { Text } from "./text";

const MOST_FACTS = 200;

/** Names and values; those without a value are left out. */
export function Facts({ rows }: { rows: readonly (readonly [string, ComponentChildren])[] }) {
  const present = rows.filter(([, value]) => value !== undefined && value !== "");
  if (present.length === 0) return null;
  return (
    <dl class="facts">
      {present.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The members of an object of the document, whatever they are. */
export function Members({ record }: { record: JsonRecord }) {
  const entries = Object.entries(record);
  return (
    <>
      <dl class="facts">
        {entries.slice(0, MOST_FACTS).map(([name, value]) => (
          <div key={name}>
            <dt>
              <Text value={name} limit={120} />
            </dt>
            <dd>
              <Text value={typeof value === "string" ? value : prettyJson(value)} limit={1000} />
            </dd>
          </div>
        ))}
      </dl>
      {entries.length > MOST_FACTS && <p class="note">{entries.length - MOST_FACTS} more</p>}
    </>
  );
}
