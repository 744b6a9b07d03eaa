// Where the nodes and edges of a service map stand: callers at the left, whom they call at the right.
import { graphlib, layout } from "@dagrejs/dagre";
import type { ServiceEdge, ServiceNode } from "../api/service_graph";

/** The ring's radius. Names stand below it, and may be wider than it. */
export const NODE_RADIUS = 34;
const LABEL_HEIGHT = 44;
const GAP_ALONG = 130;
const GAP_ACROSS = 34;
const MARGIN = 24;

export interface PlacedNode {
  readonly node: ServiceNode;
  /** The ring's middle. */
  readonly x: number;
  readonly y: number;
}

export interface PlacedEdge {
  readonly key: string;
  readonly source: ServiceNode;
  readonly target: ServiceNode;
  readonly edge: ServiceEdge;
  /** From ring to ring. */
  readonly path: string;
}

export interface MapLayout {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** The same for the same nodes, in whatever order they come. */
export function layOut(services: readonly ServiceNode[]): MapLayout {
  const sorted = [...services].sort(byName);
  const known = new Map(sorted.map((node) => [node.id, node]));
  const graph = new graphlib.Graph();
  graph.setGraph({
    rankdir: "LR",
    ranksep: GAP_ALONG,
    nodesep: GAP_ACROSS,
    marginx: MARGIN,
    marginy: MARGIN,
  });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const node of sorted) {
    graph.setNode(String(node.id), { width: 2 * NODE_RADIUS, height: 2 * NODE_RADIUS + LABEL_HEIGHT });
  }
  for (const node of sorted) {
    for (const edge of node.edges) {
      // A service that calls itself keeps its place; the loop is drawn below.
      if (edge.target !== node.id && known.has(edge.target)) {
        graph.setEdge(String(node.id), String(edge.target));
      }
    }
  }
  layout(graph);
  const middles = new Map<number, Point>();
  for (const node of sorted) {
    const { x, y } = graph.node(String(node.id)) as Point;
    middles.set(node.id, { x, y: y - LABEL_HEIGHT / 2 });
  }
  const size = graph.graph() as { width?: number; height?: number };
  return {
    width: size.width ?? 0,
    height: size.height ?? 0,
    nodes: sorted.flatMap((node) => {
      const middle = middles.get(node.id);
      return middle ? [{ node, ...middle }] : [];
    }),
    edges: sorted.flatMap((node) =>
      node.edges.flatMap((edge) => {
        const target = known.get(edge.target);
        const from = middles.get(node.id);
        const to = middles.get(edge.target);
        if (!target || !from || !to) return [];
        const key = `${node.id}-${edge.target}${edge.link ? "-link" : ""}`;
        const path = target === node ? loopPath(from) : edgePath(from, to);
        return [{ key, source: node, target, edge, path }];
      }),
    ),
  };
}

function byName(a: ServiceNode, b: ServiceNode): number {
  const first = `${a.name}\n${a.type}`;
  const second = `${b.name}\n${b.type}`;
  return first < second ? -1 : first > second ? 1 : a.id - b.id;
}

function edgePath(from: Point, to: Point): string {
  const gap = NODE_RADIUS + 5;
  const forward = to.x >= from.x;
  const start = { x: from.x + (forward ? gap : -gap), y: from.y };
  const end = { x: to.x - (forward ? gap : -gap), y: to.y };
  const pull = Math.max(30, Math.abs(end.x - start.x) / 2) * (forward ? 1 : -1);
  return (
    `M${round(start.x)} ${round(start.y)}` +
    `C${round(start.x + pull)} ${round(start.y)} ${round(end.x - pull)} ${round(end.y)} ` +
    `${round(end.x)} ${round(end.y)}`
  );
}

function loopPath(at: Point): string {
  const top = at.y - NODE_RADIUS - 4;
  return `M${round(at.x - 10)} ${round(top)}c-18 -34 38 -34 20 0`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
