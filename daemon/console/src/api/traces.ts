import { recordsAt, textAt } from "../model/json";
import { callXray } from "./client";

export interface StoredTrace {
  readonly id: string;
  /** Segment documents as the store keeps them: each one JSON text. */
  readonly documents: readonly string[];
}

/** The trace, or undefined where the store does not hold it. */
export async function getTrace(id: string, signal: AbortSignal): Promise<StoredTrace | undefined> {
  const answer = await callXray("BatchGetTraces", "/Traces", { TraceIds: [id] }, signal);
  const trace = recordsAt(answer, "Traces").find((found) => found["Id"] === id);
  if (!trace) return undefined;
  const documents = recordsAt(trace, "Segments").flatMap((segment) => {
    const document = textAt(segment, "Document");
    return document === undefined ? [] : [document];
  });
  return { id, documents };
}
