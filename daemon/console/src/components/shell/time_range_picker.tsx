import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import {
  betweenRange,
  boundsOf,
  localInputTime,
  TIME_RANGES,
  timeRangeLabel,
  type TimeRange,
} from "../../model/time_range";
import { goTo } from "../../router";
import { readClock } from "../../stores/clock";

interface Props {
  readonly range: TimeRange;
  /** Leads to the same page with another range. */
  readonly addressOf: (range: TimeRange) => string;
}

export function TimeRangePicker(props: Props) {
  const { range, addressOf } = props;
  const isOpen = useSignal(false);
  const place = useRef<HTMLDivElement>(null);
  const isChoice = range.kind === "last" && TIME_RANGES.some(({ seconds }) => seconds === range.seconds);
  useEffect(() => {
    if (!isOpen.value) return undefined;
    const onPointerDown = (event: PointerEvent) => {
      if (!place.current?.contains(event.target as Node)) isOpen.value = false;
    };
    addEventListener("pointerdown", onPointerDown);
    return () => removeEventListener("pointerdown", onPointerDown);
  }, [isOpen.value]);
  return (
    <div
      class="time-range"
      ref={place}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !isOpen.value) return;
        isOpen.value = false;
        event.stopPropagation();
        place.current?.querySelector("button")?.focus();
      }}
    >
      <nav class="choices" aria-label="Time range">
        {TIME_RANGES.map(({ text, seconds, label, words }) => {
          const chosen = range.kind === "last" && range.seconds === seconds;
          return (
            <a
              key={text}
              href={addressOf({ kind: "last", text, seconds })}
              aria-label={`${label}: last ${words}`}
              aria-current={chosen ? "true" : undefined}
            >
              {label}
            </a>
          );
        })}
        <button
          type="button"
          aria-expanded={isOpen.value}
          aria-current={isChoice ? undefined : "true"}
          aria-label={isChoice ? "Another time range" : `Time range: ${timeRangeLabel(range)}`}
          onClick={() => {
            isOpen.value = !isOpen.value;
          }}
        >
          {isChoice ? "…" : timeRangeLabel(range)}
        </button>
      </nav>
      {isOpen.value && (
        <BetweenForm
          {...props}
          close={() => {
            isOpen.value = false;
          }}
        />
      )}
    </div>
  );
}

/** From one time to another, in the clock of this machine. */
function BetweenForm({ range, addressOf, close }: Props & { close: () => void }) {
  const bounds = boundsOf(range, readClock());
  const start = useRef<HTMLInputElement>(null);
  const end = useRef<HTMLInputElement>(null);
  const fault = useSignal("");
  useEffect(() => start.current?.focus(), []);
  return (
    <form
      class="between panel"
      aria-label="From one time to another"
      onSubmit={(event) => {
        event.preventDefault();
        const chosen = betweenRange(start.current?.value ?? "", end.current?.value ?? "");
        if (!chosen) {
          fault.value = "The end must be after the start.";
          return;
        }
        close();
        goTo(addressOf(chosen));
      }}
    >
      <label>
        From
        <input ref={start} type="datetime-local" step="1" required defaultValue={localInputTime(bounds.start)} />
      </label>
      <label>
        To
        <input ref={end} type="datetime-local" step="1" required defaultValue={localInputTime(bounds.end)} />
      </label>
      <p class="between-fault" role="alert">
        {fault}
      </p>
      <button type="submit" class="button primary">
        Apply
      </button>
    </form>
  );
}
