// Reading JSON that anybody may have sent: every member may be absent, null or of another type.
import { printJson, WideInteger } from "./exact_json";

export type JsonRecord = { readonly [key: string]: unknown };

const EMPTY: JsonRecord = {};

export function isRecord(value: unknown): value is JsonRecord {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return !(value instanceof WideInteger);
}

/** The member as an object; an empty one where it is absent or something else. */
export function recordAt(record: JsonRecord, key: string): JsonRecord {
  const value = record[key];
  return isRecord(value) ? value : EMPTY;
}

export function listAt(record: JsonRecord, key: string): readonly unknown[] {
  const value = record[key];
  return Array.isArray(value) ? value : [];
}

export function recordsAt(record: JsonRecord, key: string): JsonRecord[] {
  return listAt(record, key).filter(isRecord);
}

/** The member as text, undefined where it is absent, empty or something else. */
export function textAt(record: JsonRecord, key: string): string | undefined {
  const value = record[key];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The member as a finite number. */
export function numberAt(record: JsonRecord, key: string): number | undefined {
  const member = record[key];
  const value = member instanceof WideInteger ? Number(member.text) : member;
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

export function flagAt(record: JsonRecord, key: string): boolean {
  return record[key] === true;
}

/** JSON on lines of its own, or on one. Values nested deeper than the engine's stack allows give a sentence instead. */
export function prettyJson(value: unknown, indent = 2): string {
  try {
    return printJson(value, indent);
  } catch (error) {
    if (error instanceof RangeError) return "This value is nested too deep to print.";
    throw error;
  }
}
