import type { TraceNode } from "./trace_tree";

/** Seconds of a line in which nothing that it called was running; undefined where it has no end. */
export function selfTimeOf(node: TraceNode): number | undefined {
  const { start, end } = node.entity;
  if (start === undefined || end === undefined) return undefined;
  let covered = 0;
  let reached = start;
  // The children are in the order of their starts.
  for (const { entity } of node.children) {
    if (entity.start === undefined || entity.end === undefined) continue;
    const from = Math.max(entity.start, reached);
    const to = Math.min(entity.end, end);
    if (to > from) covered += to - from;
    reached = Math.max(reached, to);
  }
  return Math.max(0, end - start - covered);
}
