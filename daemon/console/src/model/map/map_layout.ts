// What is drawn of a service map: nodes and lines where a plan has them, with the figures of now.
import type { ServiceEdge, ServiceNode } from "../../api/service_graph";
import { backPath, forwardPath, loopPath, type EdgePath } from "./map_edge_path";
import {
  LABEL_HEIGHT,
  NAME_SIZE,
  NODE_RADIUS,
  TYPE_SHARE,
  WIDEST_LABEL,
  type Bounds,
  type Direction,
  type Point,
  type Room,
} from "./map_geometry";
import { byName, linksOf } from "./map_links";
import { edgeKey, nodeKey, nodeLabel } from "./map_node";
import { textWidth } from "./map_text";

const MARGIN = 4;
/** Free between two names, and how far below or above a name another one does not matter. */
const LABEL_GAP = 6;
const LABEL_BAND = NODE_RADIUS + LABEL_HEIGHT;

export interface PlacedNode {
  readonly key: string;
  readonly node: ServiceNode;
  /** The ring's middle. */
  readonly x: number;
  readonly y: number;
  /** How wide its name may be. */
  readonly labelRoom: number;
}

export interface PlacedEdge extends EdgePath {
  readonly key: string;
  readonly source: ServiceNode;
  readonly target: ServiceNode;
  readonly edge: ServiceEdge;
}

export interface MapLayout {
  /** Of everything that is drawn. */
  readonly bounds: Bounds;
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
  readonly plan: MapPlan;
}

/** The places alone: they stay while figures change, and while services come. */
export interface MapPlan {
  readonly room: Room;
  readonly direction: Direction;
  readonly places: ReadonlyMap<string, Point>;
  /** By edge: where it turns on its way past other nodes. */
  readonly bends: ReadonlyMap<string, readonly Point[]>;
  /** The edges that there were. */
  readonly edges: ReadonlySet<string>;
}
/** What is drawn: figures and places together. */
export function drawn(plan: MapPlan, services: readonly ServiceNode[]): MapLayout {
  const { direction, places, bends } = plan;
  const sorted = [...services].sort(byName);
  const standing = sorted.flatMap((node) => {
    const key = nodeKey(node);
    const place = places.get(key);
    return place ? [{ key, node, ...place }] : [];
  });
  const rooms = labelRooms(standing);
  const nodes = standing.map((one, index) => ({ ...one, labelRoom: rooms[index] ?? WIDEST_LABEL }));
  const edges = linksOf(sorted).flatMap(({ source, target, edge }) => {
    const from = places.get(nodeKey(source));
    const to = places.get(nodeKey(target));
    if (!from || !to) return [];
    const key = edgeKey(source, target, edge);
    return [{ key, source, target, edge, ...pathOf(from, to, bends.get(key) ?? [], direction) }];
  });
  return { bounds: boundsOf(nodes, edges, plan), nodes, edges, plan };
}

/** From a name to the next one beside it. */
function labelRooms(places: readonly Point[]): readonly number[] {
  const rooms = places.map(() => WIDEST_LABEL);
  const fromLeft = places.map((place, index) => ({ place, index })).sort((a, b) => a.place.x - b.place.x);
  fromLeft.forEach(({ place, index }, start) => {
    for (let next = start + 1; next < fromLeft.length; next += 1) {
      const other = fromLeft[next];
      if (!other || other.place.x - place.x >= WIDEST_LABEL + LABEL_GAP) break;
      const room = other.place.x - place.x - LABEL_GAP;
      if (Math.abs(other.place.y - place.y) >= LABEL_BAND || room < NODE_RADIUS) continue;
      rooms[index] = Math.min(rooms[index] ?? room, room);
      rooms[other.index] = Math.min(rooms[other.index] ?? room, room);
    }
  });
  return rooms;
}

function pathOf(from: Point, to: Point, bends: readonly Point[], direction: Direction): EdgePath {
  if (from === to) return loopPath(from);
  const isForward = direction === "right" ? to.x > from.x + NODE_RADIUS : to.y > from.y + NODE_RADIUS;
  return isForward ? forwardPath([from, ...bends, to], direction) : backPath(from, to, direction);
}

function boundsOf(
  nodes: readonly PlacedNode[],
  edges: readonly PlacedEdge[],
  plan: MapPlan,
): Bounds {
  if (nodes.length === 0) return { x: 0, y: 0, width: 0, height: 0 };
  const turns = edges.flatMap(({ key }) => plan.bends.get(key) ?? []);
  const halves = nodes.map(halfWidth);
  const left = least([...nodes.map(({ x }, index) => x - (halves[index] ?? 0)), ...turns.map(({ x }) => x)]);
  const top = least([...nodes.map(({ y }) => y - NODE_RADIUS), ...turns.map(({ y }) => y)]);
  const right = most([...nodes.map(({ x }, index) => x + (halves[index] ?? 0)), ...turns.map(({ x }) => x)]);
  const bottom = most([...nodes.map(({ y }) => y + NODE_RADIUS + LABEL_HEIGHT), ...turns.map(({ y }) => y)]);
  return {
    x: left - MARGIN,
    y: top - MARGIN,
    width: right - left + 2 * MARGIN,
    height: bottom - top + 2 * MARGIN,
  };
}

/** Of the ring or the name below it, whichever is wider. */
export function halfWidth({ node, labelRoom }: PlacedNode): number {
  const { name, type } = nodeLabel(node, labelRoom, NAME_SIZE);
  const wider = Math.max(textWidth(name, NAME_SIZE), textWidth(type, NAME_SIZE * TYPE_SHARE * 0.9));
  return Math.max(NODE_RADIUS + MARGIN, wider / 2);
}

function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Infinity);
}

function most(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), -Infinity);
}
