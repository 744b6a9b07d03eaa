import { TIME_RANGES, type TimeRange } from "../model/time_range";
import { tracesAddress } from "../router";

export function TimeRangePicker({ range }: { range: TimeRange }) {
  return (
    <nav class="choices" aria-label="Time range">
      {TIME_RANGES.map(({ text, seconds, label, words }) => {
        const chosen = range.kind === "last" && range.seconds === seconds;
        return (
          <a
            key={text}
            href={tracesAddress({ kind: "last", text, seconds })}
            aria-label={`Last ${words}`}
            aria-current={chosen ? "true" : undefined}
          >
            {label}
          </a>
        );
      })}
    </nav>
  );
}
