// Which step from the callers each service of a map stands on.
import type { ServiceNode } from "../../api/service_graph";
import { nodeKey } from "./map_node";

export interface Vertex {
  readonly key: string;
  /** Each once, and without calls that lead back to a caller. */
  readonly callers: Vertex[];
  readonly called: Vertex[];
  rank: number;
}

/** The services by groups that have nothing to do with one another, ranked, the largest first. */
export function rankedGroups(sorted: readonly ServiceNode[]): readonly (readonly Vertex[])[] {
  const vertices = verticesOf(sorted);
  const inOrder = withoutCircles(vertices);
  for (const vertex of inOrder) {
    for (const { rank } of vertex.callers) vertex.rank = Math.max(vertex.rank, rank + 1);
  }
  for (const vertex of inOrder) {
    // Who calls somebody far along stands next to him.
    if (vertex.callers.length > 0 || vertex.called.length === 0) continue;
    vertex.rank = vertex.called.reduce((least, { rank }) => Math.min(least, rank), Infinity) - 1;
  }
  return groupsOf(vertices).sort((a, b) => b.length - a.length);
}

function verticesOf(sorted: readonly ServiceNode[]): readonly Vertex[] {
  const byNumber = new Map(
    sorted.map((node) => [node.id, { key: nodeKey(node), callers: [], called: [], rank: 0 } as Vertex]),
  );
  for (const node of sorted) {
    const source = byNumber.get(node.id);
    const targets = new Set(node.edges.map(({ target }) => byNumber.get(target)));
    for (const target of targets) {
      if (source && target && source !== target) source.called.push(target);
    }
  }
  const place = new Map([...byNumber.values()].map((vertex, index) => [vertex, index]));
  for (const { called } of byNumber.values()) {
    // In the order of names, not of the answer.
    called.sort((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0));
  }
  return [...byNumber.values()];
}

/** Forgets each call that closes a circle; the answer has callers before whom they call. */
function withoutCircles(vertices: readonly Vertex[]): readonly Vertex[] {
  const isCalled = new Set(vertices.flatMap(({ called }) => called));
  const starts = [...vertices.filter((vertex) => !isCalled.has(vertex)), ...vertices];
  const seen = new Set<Vertex>();
  const done = new Set<Vertex>();
  const ended: Vertex[] = [];
  for (const start of starts) {
    if (seen.has(start)) continue;
    seen.add(start);
    const path = [{ vertex: start, next: 0 }];
    for (let top = path[0]; top; top = path[path.length - 1]) {
      const { vertex } = top;
      const target = vertex.called[top.next];
      if (!target) {
        done.add(vertex);
        ended.push(vertex);
        path.pop();
      } else if (seen.has(target) && !done.has(target)) {
        vertex.called.splice(top.next, 1);
      } else {
        top.next += 1;
        target.callers.push(vertex);
        if (seen.has(target)) continue;
        seen.add(target);
        path.push({ vertex: target, next: 0 });
      }
    }
  }
  return ended.reverse();
}

function groupsOf(vertices: readonly Vertex[]): Vertex[][] {
  const seen = new Set<Vertex>();
  return vertices.flatMap((start) => {
    if (seen.has(start)) return [];
    seen.add(start);
    const group = [start];
    for (const vertex of group) {
      for (const other of [...vertex.callers, ...vertex.called]) {
        if (seen.has(other)) continue;
        seen.add(other);
        group.push(other);
      }
    }
    return [group];
  });
}
