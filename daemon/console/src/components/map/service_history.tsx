import { formatDuration } from "../../model/format";
import { averageOf } from "../../model/map/ring";
import { historyColumns, type HistoryColumn } from "../../model/map/service_history";
import type { Outcome } from "../../model/status";
import type { ServiceHistoryStore } from "../../stores/service_history_store";

const WIDTH = 320;
const COUNT_HEIGHT = 56;
const TIME_HEIGHT = 40;
/** From the ground up: what went well is the ground that the rest stands on. */
const STACK: readonly Outcome[] = ["ok", "error", "throttle", "fault"];

/** Requests and their average response time, a column a period. */
export function ServiceHistory(props: {
  readonly store: ServiceHistoryStore;
  readonly bounds: { readonly start: number; readonly end: number };
}) {
  const rows = props.store.rows.value;
  const failure = props.store.failure.value;
  if (failure !== undefined && !rows) return <p class="note">{failure}</p>;
  const columns = historyColumns(rows ?? [], props.bounds);
  const most = Math.max(1, ...columns.map(({ statistics }) => statistics.total));
  const longest = Math.max(0, ...columns.map(({ statistics }) => averageOf(statistics) ?? 0));
  const [first, last] = [columns[0], columns[columns.length - 1]];
  if (!first || !last) return null;
  const words = `Requests and average response time, ${columns.length} columns of ${formatDuration(first.end - first.start)}`;
  return (
    <figure class="history" aria-label={words}>
      <p class="history-scale">
        <span>Requests</span>
        <span>{rows ? `${most.toLocaleString("en")} at most` : ""}</span>
      </p>
      <svg class="history-counts" viewBox={`0 0 ${WIDTH} ${COUNT_HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        {columns.map((column, index) => (
          <Stack key={column.start} column={column} index={index} of={columns.length} most={most} />
        ))}
      </svg>
      <p class="history-scale">
        <span>Average</span>
        <span>{longest > 0 ? `${formatDuration(longest)} at most` : ""}</span>
      </p>
      <svg class="history-times" viewBox={`0 0 ${WIDTH} ${TIME_HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        <path class="history-line" d={linePath(columns, longest)} />
      </svg>
      <p class="history-scale">
        <span>{clock(first.start, last.end - first.start)}</span>
        <span>{clock(last.end, last.end - first.start)}</span>
      </p>
    </figure>
  );
}

function Stack(props: { column: HistoryColumn; index: number; of: number; most: number }) {
  const { column, index, of, most } = props;
  const { statistics, start, end } = column;
  if (statistics.total === 0) return null;
  const width = WIDTH / of;
  let ground = COUNT_HEIGHT;
  return (
    <g>
      <title>
        {`${clock(start, end - start)}: ${statistics.total.toLocaleString("en")} requests, ${formatDuration(averageOf(statistics))} on average`}
      </title>
      <rect class="history-hit" x={index * width} y="0" width={width} height={COUNT_HEIGHT} />
      {STACK.map((outcome) => {
        const count = statistics[outcome];
        if (count === 0) return null;
        const height = Math.max(1, (count / most) * (COUNT_HEIGHT - 2));
        ground -= height;
        return (
          <rect
            key={outcome}
            class={`history-part status-${outcome}`}
            x={index * width + width * 0.1}
            y={ground}
            width={width * 0.8}
            height={height}
          />
        );
      })}
    </g>
  );
}

/** A line through the averages; where nothing ended it has a gap, and alone a period is a dash. */
function linePath(columns: readonly HistoryColumn[], longest: number): string {
  const width = WIDTH / columns.length;
  let path = "";
  let isDrawing = false;
  columns.forEach(({ statistics }, index) => {
    const average = averageOf(statistics);
    if (average === undefined || longest <= 0) {
      isDrawing = false;
      return;
    }
    const y = (TIME_HEIGHT - 2 - (average / longest) * (TIME_HEIGHT - 4)).toFixed(1);
    const middle = (index + 0.5) * width;
    path += isDrawing
      ? `L${middle.toFixed(1)} ${y}`
      : `M${(middle - width * 0.4).toFixed(1)} ${y}L${middle.toFixed(1)} ${y}`;
    isDrawing = true;
  });
  return path;
}

/** The wall clock, with the day where the range is longer than one. */
function clock(seconds: number, span: number): string {
  const date = new Date(seconds * 1000);
  const time = date.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  if (span <= 86_400) return time;
  return `${date.toLocaleDateString("en-GB", { day: "numeric", month: "short" })} ${time}`;
}
