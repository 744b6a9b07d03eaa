import type { TraceSummary } from "../api/trace_summaries";
import { STATUS_WORDS, type Status } from "../model/status";
import { StatusShape } from "./status_mark";

const ORDER: readonly Status[] = ["ok", "error", "throttle", "fault", "progress"];

/** How the listed traces ended: one bar split in proportion, and its legend. */
export function StatusStrip({ summaries }: { summaries: readonly TraceSummary[] }) {
  const counts = new Map<Status, number>();
  for (const { status } of summaries) counts.set(status, (counts.get(status) ?? 0) + 1);
  const present = ORDER.filter((status) => counts.has(status));
  return (
    <div class="status-strip">
      <div class="status-strip-bar" aria-hidden="true">
        {present.map((status) => (
          <span key={status} class={`status-${status}`} style={{ flexGrow: counts.get(status) }} />
        ))}
      </div>
      <ul aria-label="Traces by status">
        {present.map((status) => (
          <li key={status}>
            <StatusShape status={status} />
            <span>{STATUS_WORDS[status]}</span>
            <strong>{(counts.get(status) ?? 0).toLocaleString("en")}</strong>
          </li>
        ))}
      </ul>
    </div>
  );
}
