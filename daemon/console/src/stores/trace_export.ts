import { getTraces, TRACES_A_CALL } from "../api/traces";
import { traceFile } from "../model/traces/trace_file";
import { download } from "./download";

const TIMEOUT_MS = 120_000;

/**
 * Saves the traces' documents as one file, and tells how many were read so far. Throws where they
 * can't be read.
 */
export async function exportTraces(
  ids: readonly string[],
  tell: (read: number) => void,
): Promise<void> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const parts: string[] = [];
  for (let begin = 0; begin < ids.length; begin += TRACES_A_CALL) {
    const traces = await getTraces(ids.slice(begin, begin + TRACES_A_CALL), signal);
    parts.push(...traces.map(({ documents }) => traceFile(documents)));
    tell(Math.min(ids.length, begin + TRACES_A_CALL));
  }
  const name = ids.length === 1 ? `trace-${ids[0]}` : "traces";
  download(`${name}.jsonl`, parts.join(""));
}
