import { recordsAt, textAt } from "../model/json";
import { callXray, tellDaemon } from "./client";

/** The first of the documents that were not taken, and how many they were. */
export interface Refused {
  readonly count: number;
  readonly message: string;
}

/** Stores segment documents, each one JSON text. */
export async function putTraceSegments(
  documents: readonly string[],
  signal: AbortSignal,
): Promise<Refused> {
  const input = { TraceSegmentDocuments: documents };
  const answer = await callXray("PutTraceSegments", "/TraceSegments", input, signal);
  const refused = recordsAt(answer, "UnprocessedTraceSegments");
  const first = refused[0] ?? {};
  return {
    count: refused.length,
    message: textAt(first, "Message") ?? textAt(first, "ErrorCode") ?? "",
  };
}

/** Removes every trace of the store. */
export async function clearStore(signal: AbortSignal): Promise<void> {
  await tellDaemon("clear", signal);
}
