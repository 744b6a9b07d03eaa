import type { PathPart } from "../../model/trace/critical_path";
import { durationOf } from "../../model/trace/entity";
import { formatDuration } from "../../model/format";
import { STATUS_WORDS } from "../../model/status";
import { awaitsDownstream, type TraceNode } from "../../model/trace/trace_tree";
import { StatusShape } from "../controls/status_mark";
import { Text } from "../controls/text";

/** Deeper lines are indented no further, so that their names stay on the page. */
const DEEPEST_INDENT = 20;

export interface RowProps {
  readonly node: TraceNode;
  readonly elementId: string;
  readonly index: number;
  readonly top: number;
  readonly start: number;
  readonly span: number;
  readonly selected: boolean;
  readonly collapsed: boolean;
  readonly found: boolean;
  readonly path: readonly PathPart[] | undefined;
  readonly select: (node: TraceNode) => void;
  readonly toggle: (node: TraceNode) => void;
}

export function TimelineRow(props: RowProps) {
  const { node, selected, collapsed } = props;
  const { entity } = node;
  const hasChildren = node.children.length > 0;
  return (
    <div
      id={props.elementId}
      role="row"
      class={`timeline-row ${entity.kind}${props.found ? " found" : ""}`}
      aria-level={node.depth + 1}
      aria-rowindex={props.index + 2}
      aria-selected={selected}
      aria-expanded={hasChildren ? !collapsed : undefined}
      style={{ top: `${props.top}px` }}
      onClick={() => props.select(node)}
    >
      <div
        role="gridcell"
        class="timeline-name"
        style={{ "--depth": String(Math.min(node.depth, DEEPEST_INDENT)) }}
      >
        <Toggle {...props} hasChildren={hasChildren} />
        <StatusShape status={entity.status} />
        <span class="sr-only">{STATUS_WORDS[entity.status]}</span>
        <span class="timeline-label">
          <span class="timeline-title">
            <Text value={entity.name} limit={200} />
          </span>
          <Tags node={node} />
          {entity.summary && (
            <span class="timeline-summary">
              <Text value={entity.summary} limit={120} />
            </span>
          )}
        </span>
      </div>
      <div role="gridcell" class="timeline-duration">
        {entity.inProgress ? "running" : formatDuration(durationOf(entity))}
      </div>
      <div role="gridcell" class="timeline-track" aria-label={startWords(props)}>
        <Bar {...props} />
        <Path {...props} />
      </div>
    </div>
  );
}

function Toggle(props: RowProps & { readonly hasChildren: boolean }) {
  if (!props.hasChildren) return <span class="toggle" />;
  return (
    <button
      type="button"
      class="toggle"
      tabIndex={-1}
      aria-label={props.collapsed ? "Expand" : "Collapse"}
      onClick={(event) => {
        event.stopPropagation();
        props.toggle(props.node);
      }}
    >
      <svg viewBox="0 0 10 10" aria-hidden="true">
        <path d="M3 1.5 6.8 5 3 8.5" />
      </svg>
    </button>
  );
}

function Tags({ node }: { node: TraceNode }) {
  return (
    <>
      {node.entity.inferred && <span class="tag">inferred</span>}
      {node.callerMissing && <span class="tag">caller not stored</span>}
      {awaitsDownstream(node) && <span class="tag">downstream not stored</span>}
    </>
  );
}

function startWords({ node, start }: RowProps): string {
  const { entity } = node;
  if (entity.start === undefined) return "Start unknown";
  return `Starts ${formatDuration(Math.max(0, entity.start - start))} after the trace`;
}

function Bar({ node, start, span }: RowProps) {
  const { entity } = node;
  if (entity.start === undefined) return null;
  const left = span > 0 ? (entity.start - start) / span : 0;
  const end = entity.end ?? start + span;
  const width = span > 0 ? (end - entity.start) / span : 1;
  return (
    <div
      class={`bar status-${entity.status}${entity.inProgress ? " open" : ""}`}
      style={{ left: `${left * 100}%`, width: `${width * 100}%` }}
    />
  );
}

const MOST_PARTS = 100;

/** A line below the bar where the trace waited for this and nothing below it. */
function Path({ path, start, span }: RowProps) {
  if (!path || span <= 0) return null;
  return (
    <>
      {path.slice(0, MOST_PARTS).map((part) => (
        <div
          key={part.start}
          class="path"
          style={{
            left: `${((part.start - start) / span) * 100}%`,
            width: `${((part.end - part.start) / span) * 100}%`,
          }}
        />
      ))}
    </>
  );
}
