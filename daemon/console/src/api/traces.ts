import { recordsAt, textAt } from "../model/json";
import { callXray } from "./client";

export interface StoredTrace {
  readonly id: string;
  /** Segment documents as the store keeps them: each one JSON text. */
  readonly documents: readonly string[];
}

/** What BatchGetTraces takes at once, outside of --strict as well as within. */
export const TRACES_A_CALL = 5;

/** Those of the traces that the store holds. */
export async function getTraces(
  ids: readonly string[],
  signal: AbortSignal,
): Promise<readonly StoredTrace[]> {
  const answer = await callXray("BatchGetTraces", "/Traces", { TraceIds: ids }, signal);
  return recordsAt(answer, "Traces").map((trace) => ({
    id: textAt(trace, "Id") ?? "",
    documents: recordsAt(trace, "Segments").flatMap((segment) => {
      const document = textAt(segment, "Document");
      return document === undefined ? [] : [document];
    }),
  }));
}

/** The trace, or undefined where the store does not hold it. */
export async function getTrace(id: string, signal: AbortSignal): Promise<StoredTrace | undefined> {
  return (await getTraces([id], signal)).find((found) => found.id === id);
}
