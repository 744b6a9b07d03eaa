import { signal } from "@preact/signals";
import { describeFailure } from "../api/client";
import { putTraceSegments } from "../api/segments";
import { batchesOf, readTraceFile } from "../model/traces/trace_file";

export interface ImportOutcome {
  readonly segments: number;
  readonly traceIds: readonly string[];
  readonly refused: number;
  /** Why, of the first that was not taken; or why it went no further. */
  readonly message: string;
}

/** What the last import did; undefined before the first. */
export const importOutcome = signal<ImportOutcome | "running" | undefined>(undefined);

const TIMEOUT_MS = 120_000;

/** Stores what the files hold. */
export async function importFiles(files: readonly File[]): Promise<void> {
  importOutcome.value = "running";
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  let segments = 0;
  let refused = 0;
  let message = "";
  const traceIds = new Set<string>();
  try {
    for (const file of files) {
      const content = readTraceFile(await file.text());
      refused += content.unreadable;
      if (content.unreadable > 0) message ||= "no segment document";
      for (const id of content.traceIds) traceIds.add(id);
      for (const batch of batchesOf(content.documents)) {
        const answer = await putTraceSegments(batch, signal);
        refused += answer.count;
        segments += batch.length - answer.count;
        message ||= answer.message;
      }
    }
  } catch (error) {
    message = describeFailure(error);
  }
  importOutcome.value = { segments, traceIds: [...traceIds], refused, message };
}
