import { TIME_RANGES, type TimeRange } from "../model/time_range";

/** `addressOf` leads to the same page with another range. */
export function TimeRangePicker(props: {
  readonly range: TimeRange;
  readonly addressOf: (range: TimeRange) => string;
}) {
  const { range, addressOf } = props;
  return (
    <nav class="choices" aria-label="Time range">
      {TIME_RANGES.map(({ text, seconds, label, words }) => {
        const chosen = range.kind === "last" && range.seconds === seconds;
        return (
          <a
            key={text}
            href={addressOf({ kind: "last", text, seconds })}
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
