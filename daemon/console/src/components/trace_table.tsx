import { useRef } from "preact/hooks";
import type { TraceSummary } from "../api/trace_summaries";
import { formatAge, formatDuration, formatInstant, splitUrl } from "../model/format";
import { traceAddress } from "../router";
import { now } from "../stores/clock";
import { narrow } from "../stores/narrow";
import { StatusMark } from "./status_mark";
import { Text } from "./text";
import { useWindow } from "./use_window";

const ROW_HEIGHT = 40;
const NARROW_ROW_HEIGHT = 64;

const COLUMNS: readonly { name: string; class: string }[] = [
  { name: "Status", class: "cell-status" },
  { name: "Method", class: "cell-method" },
  { name: "Request", class: "cell-request" },
  { name: "HTTP", class: "cell-http" },
  { name: "Duration", class: "cell-duration" },
  { name: "Response time", class: "cell-response" },
  { name: "Age", class: "cell-age" },
  { name: "Trace ID", class: "cell-id" },
];

export function TraceTable({ summaries }: { summaries: readonly TraceSummary[] }) {
  const body = useRef<HTMLTableSectionElement>(null);
  const rowHeight = narrow.value ? NARROW_ROW_HEIGHT : ROW_HEIGHT;
  const { first, end } = useWindow(body, summaries.length, rowHeight).value;
  const longest = summaries.reduce((most, { duration }) => Math.max(most, duration ?? 0), 0);
  return (
    <table class="trace-table" role="table" aria-rowcount={summaries.length + 1}>
      <caption class="sr-only">Traces, newest first</caption>
      <thead role="rowgroup">
        <tr role="row" aria-rowindex={1}>
          {COLUMNS.map((column) => (
            <th key={column.name} role="columnheader" scope="col" class={column.class}>
              {column.name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup" ref={body}>
        <Spacer height={first * rowHeight} />
        {summaries.slice(first, end).map((summary, index) => (
          <Row key={summary.id} summary={summary} index={first + index + 2} longest={longest} />
        ))}
        <Spacer height={(summaries.length - Math.min(end, summaries.length)) * rowHeight} />
      </tbody>
    </table>
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
      <td role="cell" class="cell-method">
        {summary.method && <Text value={summary.method} limit={12} />}
      </td>
      <td role="cell" class="cell-request">
        <a href={traceAddress(summary.id)}>
          <Request summary={summary} />
        </a>
      </td>
      <td role="cell" class="cell-http">
        {summary.httpStatus ?? "–"}
      </td>
      <td role="cell" class="cell-duration">
        <span class="share" aria-hidden="true">
          <span style={{ width: `${Math.max(share * 100, 1)}%` }} />
        </span>
        <span>{summary.duration === undefined ? "running" : formatDuration(summary.duration)}</span>
      </td>
      <td role="cell" class="cell-response">
        {formatDuration(summary.responseTime)}
      </td>
      <td role="cell" class="cell-age" title={formatInstant(summary.start)}>
        <Age start={summary.start} />
      </td>
      <td role="cell" class="cell-id">
        <Text value={summary.id} limit={40} />
      </td>
    </tr>
  );
}

/** A component of its own: the clock draws these few letters anew, not the row. */
function Age({ start }: { start: number }) {
  return <>{formatAge(start, now.value)}</>;
}

function Request({ summary }: { summary: TraceSummary }) {
  const service = summary.service || "(unknown service)";
  if (!summary.url) return <Text value={service} />;
  return (
    <>
      <Text value={splitUrl(summary.url).path} />
      <span class="request-service">
        <Text value={service} limit={80} />
      </span>
    </>
  );
}
