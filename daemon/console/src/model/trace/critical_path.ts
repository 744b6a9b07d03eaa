// Which lines a trace's duration comes from: shortening anything else would not shorten it.
import type { TraceNode } from "./trace_tree";

/** Seconds since the epoch. */
export interface PathPart {
  readonly start: number;
  readonly end: number;
}

/**
 * The parts of each line, by its key, in which the trace waited for it and nothing below it: from
 * the end of `root` backwards, always in the child that ended last.
 */
export function criticalPath(root: TraceNode): ReadonlyMap<string, readonly PathPart[]> {
  const parts = new Map<string, PathPart[]>();
  const pending: { node: TraceNode; from: number; until: number }[] = [];
  const { start: begin, end } = root.entity;
  if (begin !== undefined && end !== undefined) pending.push({ node: root, from: begin, until: end });
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { node, from: start, until } = next;
    let cursor = until;
    for (const child of byEnd(node)) {
      // A child may be under way before its caller, or still be when that has ended.
      const from = Math.max(child.entity.start ?? cursor, start);
      const to = Math.min(child.entity.end ?? until, until);
      // Beside one that ended later, it was not waited for.
      if (to <= from || to > cursor) continue;
      note(parts, node, to, cursor);
      pending.push({ node: child, from, until: to });
      cursor = from;
    }
    note(parts, node, start, cursor);
  }
  return parts;
}

/** Those that ended last first. */
function byEnd(node: TraceNode): readonly TraceNode[] {
  return [...node.children].sort((a, b) => (b.entity.end ?? 0) - (a.entity.end ?? 0));
}

function note(parts: Map<string, PathPart[]>, node: TraceNode, start: number, end: number): void {
  if (end <= start) return;
  const known = parts.get(node.key);
  if (known) known.push({ start, end });
  else parts.set(node.key, [{ start, end }]);
}
