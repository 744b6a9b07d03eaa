import { useRef, useState } from "preact/hooks";
import { formatRoundDuration, plural } from "../../model/format";
import { histogramTicks, roundedBounds, type Histogram } from "../../model/traces/histogram";
import { STATUS_WORDS, type Status } from "../../model/status";
import { narrow } from "../../stores/narrow";

const STACK: readonly Status[] = ["fault", "throttle", "error", "progress", "ok"];
const HEIGHT = 72;
const TICKS = 9;
const NARROW_TICKS = 4;

interface Brushed {
  readonly from: number;
  readonly to: number;
}

/** How long the requests took. Drawing over it, or the arrow keys, choose a part of it. */
export function DurationHistogram(props: {
  readonly histogram: Histogram;
  readonly choose: (from: number, to: number) => void;
}) {
  const { columns, most } = props.histogram;
  const chart = useRef<HTMLDivElement>(null);
  const [brushed, setBrushed] = useState<Brushed | undefined>();
  const drawing = useRef<number | undefined>(undefined);
  const last = columns.length - 1;

  const columnAt = (event: PointerEvent): number => {
    const box = chart.current?.getBoundingClientRect();
    if (!box) return 0;
    const share = (event.clientX - box.left) / box.width;
    return Math.min(last, Math.max(0, Math.floor(share * columns.length)));
  };
  const choose = (range: Brushed) => {
    const from = columns[range.from];
    const to = columns[range.to];
    setBrushed(undefined);
    if (from && to) props.choose(...roundedBounds(from.from, to.to));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step !== undefined) {
      const from = brushed?.from ?? 0;
      const to = brushed ? brushed.to : -1;
      const next = Math.min(last, Math.max(0, to + step));
      setBrushed(event.shiftKey ? { from: Math.min(from, next), to: next } : { from: next, to: next });
    } else if (event.key === "Enter" && brushed) {
      choose(brushed);
    } else if (event.key === "Escape" && brushed) {
      setBrushed(undefined);
    } else {
      return;
    }
    event.preventDefault();
  };
  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0) return;
    const at = columnAt(event);
    drawing.current = at;
    chart.current?.setPointerCapture(event.pointerId);
    setBrushed({ from: at, to: at });
  };
  const onPointerMove = (event: PointerEvent) => {
    if (drawing.current === undefined) return;
    const at = columnAt(event);
    setBrushed({ from: Math.min(drawing.current, at), to: Math.max(drawing.current, at) });
  };
  const onPointerUp = () => {
    if (drawing.current === undefined) return;
    drawing.current = undefined;
    if (brushed) choose(brushed);
  };
  const total = columns.reduce((sum, column) => sum + column.total, 0);
  return (
    <div class="histogram">
      <div
        ref={chart}
        class="histogram-chart"
        role="group"
        tabIndex={0}
        aria-label={`Response times of ${plural(total, "trace")}`}
        aria-describedby="histogram-help"
        onKeyDown={onKeyDown}
        onBlur={() => setBrushed(undefined)}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerCancel={() => {
          drawing.current = undefined;
          setBrushed(undefined);
        }}
      >
        <svg viewBox={`0 0 ${columns.length} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          {columns.map((column, index) => (
            <Column key={column.from} column={column} index={index} most={most} />
          ))}
        </svg>
        {brushed && <Brush brushed={brushed} columns={columns} />}
      </div>
      <div class="histogram-axis" aria-hidden="true">
        {histogramTicks(props.histogram, narrow.value ? NARROW_TICKS : TICKS).map(({ share, seconds }) => (
          <span key={seconds} class={edgeOf(share)} style={{ left: `${share * 100}%` }}>
            {formatRoundDuration(seconds)}
          </span>
        ))}
      </div>
      <p class="sr-only" id="histogram-help">
        Left and right choose a column, with Shift several; Enter filters by them.
      </p>
    </div>
  );
}

/** Labels at the ends of the axis stay above it. */
function edgeOf(share: number): string | undefined {
  if (share < 0.03) return "at-start";
  return share > 0.97 ? "at-end" : undefined;
}

function Column(props: {
  readonly column: Histogram["columns"][number];
  readonly index: number;
  readonly most: number;
}) {
  const { column, index, most } = props;
  if (column.total === 0) return null;
  // A single request among thousands is still to be seen.
  const height = Math.max(3, (column.total / most) * (HEIGHT - 2));
  let y = HEIGHT - height;
  const words = STACK.filter((status) => column.counts.has(status)).map(
    (status) => `${STATUS_WORDS[status]} ${column.counts.get(status)?.toLocaleString("en")}`,
  );
  return (
    <g>
      <title>
        {`${formatRoundDuration(column.from)} to ${formatRoundDuration(column.to)}: ${words.join(", ")}`}
      </title>
      {STACK.map((status) => {
        const count = column.counts.get(status) ?? 0;
        if (count === 0) return null;
        const part = (count / column.total) * height;
        y += part;
        return (
          <rect
            key={status}
            class={`histogram-part status-${status}`}
            x={index + 0.08}
            y={y - part}
            width={0.84}
            height={part}
          />
        );
      })}
    </g>
  );
}

function Brush({ brushed, columns }: { brushed: Brushed; columns: Histogram["columns"] }) {
  const from = columns[brushed.from];
  const to = columns[brushed.to];
  if (!from || !to) return null;
  let count = 0;
  for (const column of columns.slice(brushed.from, brushed.to + 1)) count += column.total;
  const left = (brushed.from / columns.length) * 100;
  const width = ((brushed.to - brushed.from + 1) / columns.length) * 100;
  return (
    <div class="histogram-brush" style={{ left: `${left}%`, width: `${width}%` }}>
      <output class={left + width / 2 > 50 ? "late" : undefined}>
        {formatRoundDuration(from.from)} – {formatRoundDuration(to.to)}, {plural(count, "trace")}
      </output>
    </div>
  );
}
