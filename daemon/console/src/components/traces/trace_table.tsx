import { signal } from "@preact/signals";
import { useMemo, useRef } from "preact/hooks";
import type { TraceSummary } from "../../api/trace_summaries";
import { formatAge, formatDuration, formatInstant, formatTime, splitUrl } from "../../model/format";
import {
  NEWEST_FIRST,
  sorted,
  sortedBy,
  type SortColumn,
  type Sorting,
} from "../../model/traces/trace_sort";
import { visibleLine } from "../../model/visible_text";
import { traceAddress } from "../../router";
import { now } from "../../stores/clock";
import { narrow } from "../../stores/narrow";
import { StatusMark } from "../controls/status_mark";
import { Text } from "../controls/text";
import { useWindow } from "../controls/use_window";

const ROW_HEIGHT = 40;
const NARROW_ROW_HEIGHT = 64;

interface Column {
  readonly name: string;
  readonly class: string;
  readonly sort?: SortColumn;
}

const COLUMNS: readonly Column[] = [
  { name: "Status", class: "cell-status", sort: "status" },
  { name: "Started", class: "cell-start", sort: "start" },
  { name: "Duration", class: "cell-duration", sort: "duration" },
  { name: "Request", class: "cell-request", sort: "request" },
  { name: "Code", class: "cell-http", sort: "http" },
  { name: "Service", class: "cell-service", sort: "service" },
  { name: "Annotations", class: "cell-annotations", sort: "annotations" },
  { name: "Trace ID", class: "cell-id" },
];

/** Outlives the list, so that another filter keeps the order. */
const sorting = signal<Sorting>(NEWEST_FIRST);

export function TraceTable({ summaries }: { summaries: readonly TraceSummary[] }) {
  const body = useRef<HTMLTableSectionElement>(null);
  const rows = useMemo(() => sorted(summaries, sorting.value), [summaries, sorting.value]);
  const rowHeight = narrow.value ? NARROW_ROW_HEIGHT : ROW_HEIGHT;
  const { first, end } = useWindow(body, rows.length, rowHeight).value;
  const longest = useMemo(
    () => summaries.reduce((most, { duration }) => Math.max(most, duration ?? 0), 0),
    [summaries],
  );
  return (
    <table class="trace-table" role="table" aria-rowcount={rows.length + 1}>
      <caption class="sr-only">Traces</caption>
      <thead role="rowgroup">
        <tr role="row" aria-rowindex={1}>
          {COLUMNS.map((column) => (
            <Head key={column.name} column={column} />
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup" ref={body}>
        <Spacer height={first * rowHeight} />
        {rows.slice(first, end).map((summary, index) => (
          <Row key={summary.id} summary={summary} index={first + index + 2} longest={longest} />
        ))}
        <Spacer height={(rows.length - Math.min(end, rows.length)) * rowHeight} />
      </tbody>
    </table>
  );
}

function Head({ column }: { column: Column }) {
  const { sort } = column;
  const isSorted = sort !== undefined && sorting.value.column === sort;
  const order = sorting.value.descending ? "descending" : "ascending";
  return (
    <th role="columnheader" scope="col" class={column.class} aria-sort={isSorted ? order : undefined}>
      {sort === undefined ? (
        column.name
      ) : (
        <button
          type="button"
          class="sort"
          onClick={() => {
            sorting.value = sortedBy(sorting.value, sort);
          }}
        >
          {column.name}
          <svg viewBox="0 0 8 8" aria-hidden="true">
            <path d="M1 2.5 4 6l3-3.5" />
          </svg>
        </button>
      )}
    </th>
  );
}

/** Stands for the rows outside of the window. */
function Spacer({ height }: { height: number }) {
  if (height <= 0) return null;
  return <tr class="spacer" role="presentation" style={{ height: `${height}px` }} />;
}

function Row(props: { summary: TraceSummary; index: number; longest: number }) {
  const { summary, index, longest } = props;
  const share = longest > 0 ? (summary.duration ?? 0) / longest : 0;
  return (
    <tr role="row" aria-rowindex={index}>
      <td role="cell" class="cell-status">
        <StatusMark status={summary.status} />
      </td>
      <td role="cell" class="cell-start" title={formatInstant(summary.start)}>
        <Started start={summary.start} />
      </td>
      <td role="cell" class="cell-duration">
        <span class="share" aria-hidden="true">
          <span style={{ width: `${Math.max(share * 100, 1)}%` }} />
        </span>
        <span>{summary.duration === undefined ? "running" : formatDuration(summary.duration)}</span>
      </td>
      <td role="cell" class="cell-request">
        <a href={traceAddress(summary.id)}>
          <Request summary={summary} />
        </a>
      </td>
      <td role="cell" class="cell-http">
        {summary.httpStatus ?? "–"}
      </td>
      <td role="cell" class="cell-service">
        <Text value={summary.service || "–"} limit={80} />
      </td>
      <td role="cell" class="cell-annotations">
        {summary.annotations === 0 ? "–" : summary.annotations}
      </td>
      <td role="cell" class="cell-id">
        <bdi>
          <span>{visibleLine(summary.id.slice(0, -6), 40)}</span>
          <span>{visibleLine(summary.id.slice(-6), 6)}</span>
        </bdi>
      </td>
    </tr>
  );
}

/** A component of its own: the clock draws these few letters anew, not the row. */
function Started({ start }: { start: number }) {
  return (
    <>
      <span>{formatTime(start, now.value)}</span>{" "}
      <span class="age">{formatAge(start, now.value)}</span>
    </>
  );
}

function Request({ summary }: { summary: TraceSummary }) {
  if (!summary.url && !summary.method) {
    return <Text value={summary.service || "(unknown service)"} limit={160} />;
  }
  return (
    <>
      {summary.method && (
        <span class="method">
          <Text value={summary.method} limit={12} />{" "}
        </span>
      )}
      <Text value={splitUrl(summary.url).path || "/"} />
    </>
  );
}
