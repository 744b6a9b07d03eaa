import { readEntity, type Entity } from "./entity";
import { parseJson } from "../exact_json";
import { flagAt, isRecord, recordAt, recordsAt, textAt, type JsonRecord } from "../json";

/** One line of the timeline. */
export interface TraceNode {
  /** Unique in its trace, whatever ids the documents carry, and the same after a reload. */
  readonly key: string;
  readonly entity: Entity;
  readonly depth: number;
  readonly parent: TraceNode | undefined;
  readonly children: TraceNode[];
  /** Its document names a caller that this trace does not hold. */
  readonly callerMissing: boolean;
}

export interface TraceTree {
  readonly roots: readonly TraceNode[];
  /** Every node, callers before what they called. */
  readonly nodes: readonly TraceNode[];
  readonly byKey: ReadonlyMap<string, TraceNode>;
  /** The segment that stands for the whole trace. */
  readonly root: TraceNode | undefined;
  readonly start: number;
  readonly end: number;
  readonly segments: number;
  readonly inProgress: boolean;
  /** Documents that were no JSON object. */
  readonly unreadable: number;
}

/** An unfinished trace's axis follows the clock while its last sign of life is this fresh. */
const STILL_RUNNING_SECONDS = 15 * 60;

interface Draft {
  readonly entity: Entity;
  readonly children: Draft[];
  parent: Draft | undefined;
  callerMissing: boolean;
}

function parseDocument(text: string): JsonRecord | undefined {
  try {
    const value = parseJson(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A segment with its subsegments, without recursion: documents may be nested without end. */
function draftSegment(document: JsonRecord, byId: Map<string, Draft>): Draft {
  const root = draft("segment", document);
  const pending = [root];
  for (let next = pending.pop(); next; next = pending.pop()) {
    if (next.entity.id && !byId.has(next.entity.id)) byId.set(next.entity.id, next);
    for (const child of recordsAt(next.entity.document, "subsegments")) {
      const made = draft("subsegment", child, next);
      next.children.push(made);
      pending.push(made);
    }
  }
  return root;
}

function draft(kind: Entity["kind"], document: JsonRecord, parent?: Draft): Draft {
  return { entity: readEntity(kind, document), children: [], parent, callerMissing: false };
}

function byStart(a: { entity: Entity }, b: { entity: Entity }): number {
  return (a.entity.start ?? 0) - (b.entity.start ?? 0);
}

/** Puts each segment under the subsegment that called it. */
function link(segments: readonly Draft[], byId: ReadonlyMap<string, Draft>): void {
  for (const segment of segments) {
    const parentId = textAt(segment.entity.document, "parent_id");
    if (!parentId) continue;
    const caller = byId.get(parentId);
    if (!caller) {
      segment.callerMissing = true;
    } else if (!isBelow(caller, segment)) {
      segment.parent = caller;
      caller.children.push(segment);
    }
  }
}

/** Whether `draft` is `ancestor` or below it: linking the two would close a circle. */
function isBelow(draft: Draft, ancestor: Draft): boolean {
  for (let next: Draft | undefined = draft; next; next = next.parent) {
    if (next === ancestor) return true;
  }
  return false;
}

/** Reads a trace's documents, in any order, whatever they hold. */
export function buildTraceTree(documents: readonly string[], nowSeconds: number): TraceTree {
  const byId = new Map<string, Draft>();
  const segments: Draft[] = [];
  let unreadable = 0;
  for (const text of documents) {
    const document = parseDocument(text);
    if (!document) unreadable += 1;
    // An inferred segment repeats the call that it was made of, which has a line of its own.
    else if (!flagAt(document, "inferred")) segments.push(draftSegment(document, byId));
  }
  segments.sort(byStart);
  link(segments, byId);
  return assemble(segments, unreadable, nowSeconds);
}

function assemble(
  segments: readonly Draft[],
  unreadable: number,
  nowSeconds: number,
): TraceTree {
  const roots: TraceNode[] = [];
  const nodes: TraceNode[] = [];
  const byKey = new Map<string, TraceNode>();
  const pending: { from: Draft; parent: TraceNode | undefined }[] = segments
    .filter((segment) => !segment.parent)
    .reverse()
    .map((from) => ({ from, parent: undefined }));
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { from, parent } = next;
    const id = from.entity.id || "node";
    const node: TraceNode = {
      key: byKey.has(id) ? `${id}.${nodes.length}` : id,
      entity: from.entity,
      depth: parent ? parent.depth + 1 : 0,
      parent,
      children: [],
      callerMissing: from.callerMissing,
    };
    (parent ? parent.children : roots).push(node);
    nodes.push(node);
    byKey.set(node.key, node);
    for (const child of [...from.children].sort(byStart).reverse()) {
      pending.push({ from: child, parent: node });
    }
  }
  const inProgress = nodes.some(({ entity }) => entity.inProgress);
  return {
    roots,
    nodes,
    byKey,
    root: roots.find((node) => !node.callerMissing) ?? roots[0],
    ...extent(nodes, inProgress, nowSeconds),
    segments: segments.length,
    inProgress,
    unreadable,
  };
}

function extent(
  nodes: readonly TraceNode[],
  inProgress: boolean,
  nowSeconds: number,
): { start: number; end: number } {
  let start = Infinity;
  let end = -Infinity;
  for (const { entity } of nodes) {
    if (entity.start === undefined) continue;
    start = Math.min(start, entity.start);
    end = Math.max(end, entity.end ?? entity.start);
  }
  if (start > end) return { start: 0, end: 0 };
  if (inProgress && nowSeconds > end && nowSeconds - end < STILL_RUNNING_SECONDS) end = nowSeconds;
  return { start, end };
}

/** The lines to show: all but those below a collapsed one. */
export function visibleNodes(tree: TraceTree, collapsed: ReadonlySet<string>): TraceNode[] {
  if (collapsed.size === 0) return [...tree.nodes];
  const shown: TraceNode[] = [];
  let hiddenBelow = Infinity;
  for (const node of tree.nodes) {
    if (node.depth > hiddenBelow) continue;
    hiddenBelow = collapsed.has(node.key) ? node.depth : Infinity;
    shown.push(node);
  }
  return shown;
}

/** Collapses all but the roots: each of those with what it called itself. */
export function collapsedBelowRoots(tree: TraceTree): ReadonlySet<string> {
  const { nodes } = tree;
  return new Set(nodes.filter((node) => node.parent && node.children.length > 0).map(keyOf));
}

/** Collapses what holds no line that went wrong, and opens the way to each that did. */
export function collapsedToFailures(tree: TraceTree): ReadonlySet<string> {
  const open = new Set<TraceNode>();
  for (const node of tree.nodes) {
    if (node.entity.status === "ok" || node.entity.status === "progress") continue;
    for (let next = node.parent; next && !open.has(next); next = next.parent) open.add(next);
  }
  const closed = tree.nodes.filter((node) => node.children.length > 0 && !open.has(node));
  return new Set(closed.map(keyOf));
}

function keyOf(node: TraceNode): string {
  return node.key;
}

/** Whether a downstream service was called that does not report (or has not yet). */
export function awaitsDownstream(node: TraceNode): boolean {
  const { document } = node.entity;
  const request = recordAt(recordAt(document, "http"), "request");
  const traced = flagAt(document, "traced") || flagAt(request, "traced");
  return traced && !node.children.some(({ entity }) => entity.kind === "segment");
}

/** Services send what they did once they have done it, some seconds after those who called them. */
const STILL_ARRIVING_SECONDS = 30;

/** Whether a part of a trace that ended just now is still to come. */
export function mayGrow(tree: TraceTree, nowSeconds: number): boolean {
  if (Math.abs(nowSeconds - tree.end) > STILL_ARRIVING_SECONDS) return false;
  return tree.nodes.some((node) => node.callerMissing || awaitsDownstream(node));
}
