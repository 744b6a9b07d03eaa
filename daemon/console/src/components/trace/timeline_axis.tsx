import { axisTicks, formatTick } from "../../model/axis";

/** Labels after this share of the axis stand left of their line, or they would leave the panel. */
const LATE = 0.9;

export function AxisLabels({ span, most }: { span: number; most: number }) {
  return (
    <div class="axis-labels" aria-hidden="true">
      {axisTicks(span, most).map(({ share, seconds }) => (
        <span
          key={seconds}
          class={share > LATE ? "late" : undefined}
          style={{ left: `${share * 100}%` }}
        >
          {formatTick(seconds, span)}
        </span>
      ))}
    </div>
  );
}

export function AxisLines({ span, most }: { span: number; most: number }) {
  return (
    <div class="axis-lines" aria-hidden="true">
      {axisTicks(span, most).map(({ share, seconds }) => (
        <span key={seconds} style={{ left: `${share * 100}%` }} />
      ))}
    </div>
  );
}
