import { useEffect, useMemo, useRef } from "preact/hooks";
import type { PathPart } from "../../model/trace/critical_path";
import { visibleNodes, type TraceNode, type TraceTree } from "../../model/trace/trace_tree";
import { narrow } from "../../stores/narrow";
import { AxisLabels, AxisLines } from "./timeline_axis";
import { timelineMove } from "./timeline_keys";
import { TimelineRow } from "./timeline_row";
import { useWindow } from "../controls/use_window";

const ROW_HEIGHT = 32;
const NARROW_ROW_HEIGHT = 48;
const TICKS = 6;
const NARROW_TICKS = 4;

interface TimelineProps {
  readonly tree: TraceTree;
  readonly selected: TraceNode | undefined;
  readonly collapsed: ReadonlySet<string>;
  /** The lines that a search found, by their keys. */
  readonly found: ReadonlySet<string>;
  /** The parts of lines that are underlined, by their keys. */
  readonly path: ReadonlyMap<string, readonly PathPart[]>;
  readonly select: (node: TraceNode) => void;
  readonly setCollapsed: (node: TraceNode, collapsed: boolean) => void;
}

/** The trace as an indented tree with a bar for each line on one common axis. */
export function Timeline(props: TimelineProps) {
  const { tree, selected, collapsed } = props;
  const body = useRef<HTMLDivElement>(null);
  const rowHeight = narrow.value ? NARROW_ROW_HEIGHT : ROW_HEIGHT;
  const ticks = narrow.value ? NARROW_TICKS : TICKS;
  const rows = useMemo(() => visibleNodes(tree, collapsed), [tree, collapsed]);
  const { first, end } = useWindow(body, rows.length, rowHeight).value;
  const span = tree.end - tree.start;
  const selectedIndex = selected ? rows.indexOf(selected) : -1;

  // Whatever chose the line (a link, a key, a search), it is to be seen.
  useEffect(() => {
    if (selectedIndex > 0) bringIntoView(body.current, selectedIndex * rowHeight, rowHeight);
  }, [selected?.key]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const move = timelineMove(event.key, rows, selectedIndex, collapsed);
    if (!move) return;
    event.preventDefault();
    if (move.kind === "go") props.select(move.node);
    else props.setCollapsed(move.node, move.kind === "collapse");
  };

  return (
    <div
      role="treegrid"
      class="timeline"
      aria-label="Timeline"
      aria-rowcount={rows.length + 1}
      aria-activedescendant={
        selectedIndex >= first && selectedIndex < end ? rowId(selectedIndex) : undefined
      }
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <div role="row" class="timeline-head" aria-rowindex={1}>
        <span role="columnheader" class="timeline-name">
          Name
        </span>
        <span role="columnheader" class="timeline-duration">
          Duration
        </span>
        <span role="columnheader" class="timeline-track">
          <span class="sr-only">Time after the start of the trace</span>
          <AxisLabels span={span} most={ticks} />
        </span>
      </div>
      <div
        role="rowgroup"
        class="timeline-body"
        ref={body}
        style={{ height: `${rows.length * rowHeight}px` }}
      >
        <AxisLines span={span} most={ticks} />
        {rows.slice(first, end).map((node, offset) => (
          <TimelineRow
            key={node.key}
            node={node}
            elementId={rowId(first + offset)}
            index={first + offset}
            top={(first + offset) * rowHeight}
            start={tree.start}
            span={span}
            selected={node === selected}
            collapsed={collapsed.has(node.key)}
            found={props.found.has(node.key)}
            path={props.path.get(node.key)}
            select={props.select}
            toggle={(toggled) => props.setCollapsed(toggled, !collapsed.has(toggled.key))}
          />
        ))}
      </div>
    </div>
  );
}

function rowId(index: number): string {
  return `timeline-row-${index}`;
}

/** Scrolls as little as needed; the sticky heads above the lines cover part of the window. */
function bringIntoView(body: HTMLElement | null, offset: number, rowHeight: number): void {
  if (!body) return;
  const head = body.previousElementSibling;
  const covered = Math.max(0, head?.getBoundingClientRect().height ?? 0) + stickyTop(head);
  const top = body.getBoundingClientRect().top + offset;
  if (top < covered) scrollBy({ top: top - covered });
  else if (top + rowHeight > innerHeight) scrollBy({ top: top + rowHeight - innerHeight });
}

function stickyTop(element: Element | null): number {
  return element ? parseFloat(getComputedStyle(element).top) || 0 : 0;
}
