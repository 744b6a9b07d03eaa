import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { criticalPath, type PathPart } from "../../model/trace/critical_path";
import { linesWith } from "../../model/trace/trace_search";
import {
  collapsedBelowRoots,
  collapsedToFailures,
  type TraceNode,
  type TraceTree,
} from "../../model/trace/trace_tree";
import { Timeline } from "./timeline";
import { TimelineTools } from "./timeline_tools";

const NOTHING: ReadonlySet<string> = new Set();
const NO_PATH: ReadonlyMap<string, readonly PathPart[]> = new Map();

/** The timeline of a trace with its tools: what is open, found and marked in it. */
export function TraceTimeline(props: {
  readonly tree: TraceTree;
  readonly selected: TraceNode | undefined;
  readonly select: (node: TraceNode) => void;
}) {
  const { tree, selected, select } = props;
  const collapsed = useSignal(NOTHING);
  const words = useSignal("");
  const pathShown = useSignal(false);
  const found = useMemo(() => linesWith(tree, words.value), [tree, words.value]);
  const foundKeys = useMemo(() => new Set(found.map(({ key }) => key)), [found]);
  const path = useMemo(
    () => (pathShown.value && tree.root ? criticalPath(tree.root) : NO_PATH),
    [tree, pathShown.value],
  );
  const hasFailures = useMemo(
    () => tree.nodes.some(({ entity }) => entity.status !== "ok" && entity.status !== "progress"),
    [tree],
  );
  const setCollapsed = (node: TraceNode, isCollapsed: boolean) => {
    const next = new Set(collapsed.value);
    if (isCollapsed) next.add(node.key);
    else next.delete(node.key);
    collapsed.value = next;
  };
  const reveal = (node: TraceNode) => {
    const next = new Set(collapsed.value);
    for (let above = node.parent; above; above = above.parent) next.delete(above.key);
    if (next.size !== collapsed.value.size) collapsed.value = next;
    select(node);
  };
  const place = selected ? found.indexOf(selected) : -1;
  const step = (by: 1 | -1) => {
    // Without one among them it is the first after the selected line, or the last before it.
    const at = place >= 0 ? place : placeOf(tree, found, selected, by);
    const next = found[(at + by + found.length) % found.length];
    if (next) reveal(next);
  };
  return (
    <div class="panel trace-timeline">
      <TimelineTools
        words={words.value}
        setWords={(text) => {
          words.value = text;
        }}
        found={found.length}
        place={place + 1}
        step={step}
        expand={() => {
          collapsed.value = NOTHING;
        }}
        collapse={() => {
          collapsed.value = collapsedBelowRoots(tree);
        }}
        toFailures={
          hasFailures
            ? () => {
                collapsed.value = collapsedToFailures(tree);
              }
            : undefined
        }
        pathShown={pathShown.value}
        showPath={(shown) => {
          pathShown.value = shown;
        }}
      />
      <Timeline
        tree={tree}
        selected={selected}
        collapsed={collapsed.value}
        found={foundKeys}
        path={path}
        select={select}
        setCollapsed={setCollapsed}
      />
    </div>
  );
}

/** Between which of the found lines the selected one stands, so that a step leads to the next. */
function placeOf(
  tree: TraceTree,
  found: readonly TraceNode[],
  selected: TraceNode | undefined,
  by: 1 | -1,
): number {
  const order = new Map(tree.nodes.map((node, index) => [node, index]));
  const at = selected ? (order.get(selected) ?? 0) : 0;
  const next = found.findIndex((node) => (order.get(node) ?? 0) > at);
  const after = next < 0 ? found.length : next;
  return by > 0 ? after - 1 : after;
}
