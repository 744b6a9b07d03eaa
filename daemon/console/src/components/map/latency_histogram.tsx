import { useSignal } from "@preact/signals";
import { useMemo, useRef } from "preact/hooks";
import type { HistogramEntry } from "../../api/service_graph";
import type { ResponseTimes } from "../../model/traces/filter_text";
import { formatDuration } from "../../model/format";
import {
  countBetween,
  countOf,
  latencyDistribution,
  latencyTicks,
  roundedSeconds,
  secondsAt,
  shareOfAxis,
  type LatencyDistribution,
} from "../../model/map/latency_distribution";

const WIDTH = 320;
const HEIGHT = 84;
/** Less is a click: it takes the choice away. */
const LEAST_DRAG = 0.015;
const KEY_STEP = 1 / 48;

/** How long requests took, with a range to choose by drawing over it, or by its two handles. */
export function LatencyHistogram(props: {
  readonly entries: readonly HistogramEntry[];
  readonly chosen: ResponseTimes;
  readonly choose: (chosen: ResponseTimes) => void;
}) {
  const { entries, chosen, choose } = props;
  const distribution = useMemo(() => latencyDistribution(entries), [entries]);
  const chart = useRef<HTMLDivElement>(null);
  const drag = useSignal<{ readonly anchor: number; readonly now: number } | undefined>(undefined);
  if (!distribution) return <p class="note">No response times were told.</p>;

  const shareOf = (event: PointerEvent) => {
    const box = chart.current?.getBoundingClientRect();
    return box ? Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) : 0;
  };
  const take = (low: number, high: number) => {
    if (high - low < LEAST_DRAG) choose({ from: undefined, to: undefined });
    else choose(rangeOf(distribution, low, high));
  };
  const isChosen = chosen.from !== undefined || chosen.to !== undefined;
  const low = drag.value
    ? Math.min(drag.value.anchor, drag.value.now)
    : chosen.from === undefined
      ? 0
      : shareOfAxis(distribution, chosen.from);
  const high = drag.value
    ? Math.max(drag.value.anchor, drag.value.now)
    : chosen.to === undefined
      ? 1
      : shareOfAxis(distribution, chosen.to);
  const isMarked = drag.value !== undefined || isChosen;
  const shown = drag.value ? rangeOf(distribution, low, high) : chosen;

  return (
    <div class="latency">
      <div
        class="latency-chart"
        ref={chart}
        onPointerDown={(event) => {
          if (event.button !== 0 || (event.target as Element).closest("[role=slider]")) return;
          event.preventDefault();
          event.currentTarget.setPointerCapture(event.pointerId);
          drag.value = { anchor: shareOf(event), now: shareOf(event) };
        }}
        onPointerMove={(event) => {
          if (drag.value) drag.value = { ...drag.value, now: shareOf(event) };
        }}
        onPointerUp={() => {
          const { value } = drag;
          drag.value = undefined;
          if (value) take(Math.min(value.anchor, value.now), Math.max(value.anchor, value.now));
        }}
        onPointerCancel={() => {
          drag.value = undefined;
        }}
      >
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          <Columns distribution={distribution} low={low} high={high} isMarked={isMarked} />
        </svg>
        {isMarked && (
          <span class="brush" style={{ left: `${low * 100}%`, width: `${(high - low) * 100}%` }} />
        )}
        {(["from", "to"] as const).map((side) => (
          <Handle
            key={side}
            side={side}
            share={side === "from" ? low : high}
            distribution={distribution}
            isMarked={isMarked}
            move={(share) => take(side === "from" ? share : low, side === "to" ? share : high)}
            grab={(event) => {
              event.preventDefault();
              event.stopPropagation();
              chart.current?.setPointerCapture(event.pointerId);
              drag.value = { anchor: side === "from" ? high : low, now: shareOf(event) };
            }}
          />
        ))}
      </div>
      <div class="latency-axis" aria-hidden="true">
        {latencyTicks(distribution, 6).map(({ share, seconds }) => (
          <span key={seconds} style={{ left: `${share * 100}%` }}>
            {formatDuration(seconds).replace(/\.0+(?= )/, "")}
          </span>
        ))}
      </div>
      <p class="latency-choice" role="status">
        {isMarked ? (
          <>
            <strong>{timesText(shown)}</strong>{" "}
            <span class="note">{shareText(countBetween(entries, shown.from, shown.to) / countOf(entries))}</span>
            {!drag.value && (
              <button
                type="button"
                class="link-button"
                onClick={() => choose({ from: undefined, to: undefined })}
              >
                Any time
              </button>
            )}
          </>
        ) : (
          <span class="note">Draw over the columns to choose response times.</span>
        )}
      </p>
    </div>
  );
}

function rangeOf(distribution: LatencyDistribution, low: number, high: number): ResponseTimes {
  return {
    from: low <= 0 ? undefined : roundedSeconds(secondsAt(distribution, low)),
    to: high >= 1 ? undefined : roundedSeconds(secondsAt(distribution, high)),
  };
}

function Columns(props: {
  distribution: LatencyDistribution;
  low: number;
  high: number;
  isMarked: boolean;
}) {
  const { columns, most } = props.distribution;
  const width = WIDTH / columns.length;
  return (
    <>
      {columns.map(({ share }, index) => {
        if (share <= 0) return null;
        const height = Math.max(1.5, (share / most) * (HEIGHT - 4));
        const middle = (index + 0.5) / columns.length;
        const isOut = props.isMarked && (middle < props.low || middle > props.high);
        return (
          <rect
            key={index}
            class={isOut ? "latency-column out" : "latency-column"}
            x={index * width + 0.5}
            y={HEIGHT - height}
            width={width - 1}
            height={height}
          />
        );
      })}
    </>
  );
}

function Handle(props: {
  side: "from" | "to";
  share: number;
  distribution: LatencyDistribution;
  isMarked: boolean;
  move: (share: number) => void;
  grab: (event: PointerEvent) => void;
}) {
  const { side, share, distribution, isMarked, move, grab } = props;
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: -KEY_STEP,
    ArrowDown: -KEY_STEP,
    ArrowRight: KEY_STEP,
    ArrowUp: KEY_STEP,
    PageDown: -6 * KEY_STEP,
    PageUp: 6 * KEY_STEP,
    Home: -1,
    End: 1,
  };
  return (
    <span
      class={isMarked ? "brush-handle" : "brush-handle idle"}
      style={{ left: `${share * 100}%` }}
      role="slider"
      tabIndex={0}
      aria-label={side === "from" ? "Response time from" : "Response time to"}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share * 100)}
      aria-valuetext={formatDuration(roundedSeconds(secondsAt(distribution, share)))}
      onPointerDown={grab}
      onKeyDown={(event) => {
        const step = steps[event.key];
        if (step === undefined) return;
        event.preventDefault();
        event.stopPropagation();
        move(Math.min(1, Math.max(0, share + step)));
      }}
    />
  );
}

function timesText({ from, to }: ResponseTimes): string {
  if (from === undefined) return `up to ${formatDuration(to)}`;
  if (to === undefined) return `${formatDuration(from)} and longer`;
  return `${formatDuration(from)} – ${formatDuration(to)}`;
}

function shareText(share: number): string {
  return `${(share * 100).toFixed(1)} % of requests`;
}
