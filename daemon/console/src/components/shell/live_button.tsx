import type { TimeRange } from "../../model/time_range";
import { live } from "../../stores/live";

/** Pauses and resumes the reading of what is new. What was between two times does not change. */
export function LiveButton({ range }: { range: TimeRange }) {
  const isFixed = range.kind === "between";
  return (
    <button
      type="button"
      class="button live"
      aria-pressed={live.value && !isFixed}
      disabled={isFixed}
      title={isFixed ? "This time range has ended" : "Show what is new as it comes"}
      onClick={() => {
        live.value = !live.value;
      }}
    >
      Live
    </button>
  );
}
