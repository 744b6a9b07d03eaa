// Traces as a file: segment documents, one a line.
import { parseJson, printJson } from "../exact_json";
import { flagAt, isRecord, listAt, textAt, type JsonRecord } from "../json";

/** A document as the store keeps it; what was inferred from it is inferred again when read. */
export function traceFile(documents: readonly string[]): string {
  return documents
    .filter((document) => !isInferred(document))
    .map((document) => `${document.replace(/[\r\n]+/g, " ")}\n`)
    .join("");
}

function isInferred(document: string): boolean {
  // Looked into only where it may be so.
  if (!document.includes('"inferred"')) return false;
  const value = parsed(document);
  return isRecord(value) && flagAt(value, "inferred");
}

export interface TraceFileContent {
  readonly documents: readonly string[];
  readonly traceIds: readonly string[];
  /** Parts that are no segment documents. */
  readonly unreadable: number;
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/**
 * The documents of a file: one a line, or what the raw data page or `aws xray batch-get-traces`
 * gives.
 */
export function readTraceFile(text: string): TraceFileContent {
  const documents: string[] = [];
  const traceIds = new Set<string>();
  let unreadable = 0;
  const take = (value: unknown, source?: string): void => {
    if (typeof value === "string") return take(parsed(value), value);
    if (Array.isArray(value)) return value.forEach((one) => take(one));
    if (!isRecord(value)) {
      unreadable += 1;
      return;
    }
    const inner = innerDocuments(value);
    if (inner) return inner.forEach((one) => take(one));
    const traceId = textAt(value, "trace_id");
    if (traceId === undefined) {
      // The line that goes before each document in a datagram.
      if (value["format"] === undefined) unreadable += 1;
      return;
    }
    if (flagAt(value, "inferred")) return;
    traceIds.add(traceId);
    documents.push(source ?? printJson(value));
  };
  const whole = parsed(text);
  if (whole !== undefined) {
    take(whole, text);
  } else {
    for (const line of text.split("\n")) if (line.trim() !== "") take(parsed(line), line);
  }
  return { documents, traceIds: [...traceIds], unreadable };
}

/** What answers and requests of the X-Ray API hold their documents in. */
function innerDocuments(value: JsonRecord): readonly unknown[] | undefined {
  for (const key of ["Traces", "Segments", "TraceSegmentDocuments"]) {
    if (Array.isArray(value[key])) return listAt(value, key);
  }
  const document = value["Document"];
  return typeof document === "string" ? [document] : undefined;
}

/** Requests stay below what the daemon takes at once. */
export function batchesOf(documents: readonly string[]): readonly (readonly string[])[] {
  const mostCharacters = 2_000_000;
  const batches: string[][] = [];
  let characters = Infinity;
  for (const document of documents) {
    if (characters + document.length > mostCharacters) {
      batches.push([]);
      characters = 0;
    }
    batches[batches.length - 1]?.push(document);
    characters += document.length;
  }
  return batches;
}
