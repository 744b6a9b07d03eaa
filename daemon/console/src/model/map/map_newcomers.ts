// Places on a map that is known already, for services that came later.
import type { ServiceNode } from "../../api/service_graph";
import type { Point } from "./map_geometry";
import type { MapPlan } from "./map_layout";
import { byName, linkKey, linksOf, type Link } from "./map_links";
import { nodeKey } from "./map_node";
import { spacingOf } from "./map_spacing";

/** The plan with places for services that have none yet; all others stay where they are. */
export function extended(plan: MapPlan, services: readonly ServiceNode[]): MapPlan {
  const isKnown = (node: ServiceNode) => plan.places.has(nodeKey(node));
  let waiting = services.filter((node) => !isKnown(node)).sort(byName);
  const places = new Map(plan.places);
  const edges = linksOf(services);
  while (waiting.length > 0) {
    // Those first of whom a neighbour has its place already.
    const next = waiting.find((node) => neighboursOf(node, edges, places).any) ?? waiting[0];
    if (!next) break;
    places.set(nodeKey(next), freePlace(next, edges, places, plan));
    waiting = waiting.filter((node) => node !== next);
  }
  return { ...plan, places, edges: new Set([...plan.edges, ...edges.map(linkKey)]) };
}

function neighboursOf(node: ServiceNode, edges: readonly Link[], places: ReadonlyMap<string, Point>) {
  const placed = (other: ServiceNode) => places.get(nodeKey(other)) ?? [];
  const callers = edges.filter(({ target }) => target === node).flatMap(({ source }) => placed(source));
  const called = edges.filter(({ source }) => source === node).flatMap(({ target }) => placed(target));
  return { callers, called, any: callers.length + called.length > 0 };
}

/** A step after its callers (or before whom it calls), as near to them as there is room. */
function freePlace(
  node: ServiceNode,
  edges: readonly Link[],
  places: ReadonlyMap<string, Point>,
  { room, direction }: MapPlan,
): Point {
  const { callers, called } = neighboursOf(node, edges, places);
  const turned = ({ x, y }: Point): Point => (direction === "right" ? { x, y } : { x: y, y: x });
  const all = [...places.values()].map(turned);
  const spacing = spacingOf(room, direction);
  const along = spacing.gapAlong + spacing.before + spacing.after;
  const across = spacing.gap + spacing.above + spacing.below;
  const near = (callers.length > 0 ? callers : called).map(turned);
  const middle = near.reduce((sum, { y }) => sum + y, 0) / Math.max(1, near.length);
  const place = (x: number, y: number) => turned({ x, y: freeAcross({ x, y }, all, along, across) });
  if (callers.length > 0) return place(most(near.map(({ x }) => x)) + along, middle);
  if (called.length > 0) return place(least(near.map(({ x }) => x)) - along, middle);
  // Nobody knows it: below everything else.
  const start = least(all.map(({ x }) => x));
  return turned({ x: start, y: most(all.map(({ y }) => y)) + across });
}

function freeAcross(wanted: Point, taken: readonly Point[], along: number, across: number): number {
  const isFree = (y: number) =>
    taken.every((other) => Math.abs(other.x - wanted.x) > along / 2 || Math.abs(other.y - y) >= across);
  for (let step = 0; step < 2 * taken.length + 2; step += 1) {
    const away = Math.ceil(step / 2) * (across / 2) * (step % 2 === 0 ? 1 : -1);
    if (isFree(wanted.y + away)) return wanted.y + away;
  }
  return most(taken.map(({ y }) => y)) + across;
}

function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Infinity);
}

function most(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), -Infinity);
}
