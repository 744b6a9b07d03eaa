import { isRecord, prettyJson, type JsonRecord } from "../json";

export interface FlatMember {
  /** `xray.sdk` for the member `sdk` of the member `xray`. */
  readonly name: string;
  readonly value: string;
}

/** At most so many members, those of members with their names joined; whether there are more. */
export function flatMembers(
  record: JsonRecord,
  most: number,
): { readonly shown: readonly FlatMember[]; readonly more: boolean } {
  const shown: FlatMember[] = [];
  const pending = Object.entries(record).reverse();
  for (let next = pending.pop(); next; next = pending.pop()) {
    const [name, value] = next;
    if (shown.length >= most) return { shown, more: true };
    if (isRecord(value) && Object.keys(value).length > 0) {
      const inner = Object.entries(value).slice(0, most);
      for (const [key, member] of inner.reverse()) pending.push([`${name}.${key}`, member]);
    } else {
      shown.push({ name, value: typeof value === "string" ? value : prettyJson(value, 0) });
    }
  }
  return { shown, more: false };
}
