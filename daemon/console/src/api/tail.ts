import { textAt } from "../model/json";
import { askConsole } from "./client";
import { readSummaries, type TraceSummary } from "./trace_summaries";

/** The most that the daemon gives at once. */
const LIMIT = "500";

export interface TailAnswer {
  /** For the next question. */
  readonly cursor: string;
  /** What has come or changed since the cursor, newest first. */
  readonly summaries: readonly TraceSummary[];
  /** Not everything is told: there was no cursor, it was of another run, or it is too much. */
  readonly gap: boolean;
}

export async function getTail(
  cursor: string | undefined,
  filter: string,
  group: string,
  signal: AbortSignal,
): Promise<TailAnswer> {
  const answer = await askConsole(
    "tail",
    {
      limit: LIMIT,
      filter,
      ...(cursor === undefined ? {} : { cursor }),
      ...(group === "" ? {} : { group }),
    },
    signal,
  );
  return {
    cursor: textAt(answer, "Cursor") ?? "",
    summaries: readSummaries(answer),
    gap: answer["Reset"] === true || answer["Skipped"] === true,
  };
}
