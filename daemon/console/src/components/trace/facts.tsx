import type { ComponentChildren } from "preact";
import { flatMembers } from "../../model/trace/flat_members";
import type { JsonRecord } from "../../model/json";
import { Text } from "../controls/text";

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
  const members = flatMembers(record, MOST_FACTS);
  return (
    <>
      <dl class="facts">
        {members.shown.map(({ name, value }) => (
          <div key={name}>
            <dt>
              <Text value={name} limit={120} />
            </dt>
            <dd>
              <Text value={value} limit={1000} />
            </dd>
          </div>
        ))}
      </dl>
      {members.more && <p class="note">More in the raw data</p>}
    </>
  );
}
