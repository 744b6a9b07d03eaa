// Where the nodes of a service map stand: callers first, whom they call after them; and when they move.
import type { ServiceNode } from "../../api/service_graph";
import type { Direction, Point, Room } from "./map_geometry";
import { groupPlaced, type PlacedGroup } from "./map_group";
import { drawn, type MapLayout, type MapPlan } from "./map_layout";
import { asReadersCount, linkKey, linksOf } from "./map_links";
import { extended } from "./map_newcomers";
import { nodeKey } from "./map_node";
import { packed } from "./map_packing";
import { rankedGroups } from "./map_ranks";
import { directionsOf, spaceOf, spacingOf } from "./map_spacing";

/** A map that nobody has seen before. */
export function layOut(services: readonly ServiceNode[], room: Room = "wide"): MapLayout {
  return drawn(planned(services, room), services);
}

/**
 * The same for the same services, in whatever order they come. In narrow windows callers stand at
 * the left or above, whichever can be shown bigger.
 */
export function planned(services: readonly ServiceNode[], room: Room): MapPlan {
  const plans = directionsOf(room).map((direction) => plannedTowards(direction, services, room));
  const space = spaceOf(room);
  const scaleOf = (plan: MapPlan) => {
    const { width, height } = drawn(plan, services).bounds;
    return Math.min(space.width / width, space.height / height);
  };
  return plans.reduce((a, b) => (scaleOf(b) > scaleOf(a) ? b : a));
}

function plannedTowards(
  direction: Direction,
  services: readonly ServiceNode[],
  room: Room,
): MapPlan {
  const spacing = spacingOf(room, direction);
  const sorted = [...services].sort(asReadersCount);
  const groups = rankedGroups(sorted).map((group) => groupPlaced(group, spacing, spaceOf(room)));
  const places = new Map<string, Point>();
  const lines = new Map<string, readonly Point[]>();
  packed(groups, spacing, spaceOf(room)).forEach((corner, index) => {
    const { spots, bends } = groups[index] as PlacedGroup;
    const point = (along: number, across: number) => {
      const [a, b] = [along + corner.along, across + corner.across];
      return direction === "right" ? { x: a, y: b } : { x: b, y: a };
    };
    for (const { vertex, along, across } of spots) places.set(vertex.key, point(along, across));
    for (const { from, to, points } of bends) {
      lines.set(`${from.key}\n${to.key}`, points.map(({ along, across }) => point(along, across)));
    }
  });
  const edges = linksOf(sorted).map((link) => ({
    key: linkKey(link),
    points: lines.get(`${nodeKey(link.source)}\n${nodeKey(link.target)}`),
  }));
  return {
    room,
    direction,
    places,
    bends: new Map(edges.flatMap(({ key, points }) => (points ? [[key, points]] : []))),
    edges: new Set(edges.map(({ key }) => key)),
  };
}

/**
 * The plan for what there is now. Services that came find a place and nothing else moves. Where
 * services or calls have left, the map is planned afresh, unless `mayMove` forbids it for now: what
 * a page has seen in between shall not be seen in its map for ever.
 */
export function followed(plan: MapPlan, services: readonly ServiceNode[], mayMove = true): MapPlan {
  const nodes = new Set(services.map(nodeKey));
  const edges = new Set(linksOf(services).map(linkKey));
  const isMissing = (keys: Iterable<string>, among: { has(key: string): boolean }) =>
    [...keys].some((key) => !among.has(key));
  const haveLeft = isMissing(plan.places.keys(), nodes) || isMissing(plan.edges, edges);
  if (haveLeft && mayMove) return planned(services, plan.room);
  if (!isMissing(nodes, plan.places) && !isMissing(edges, plan.edges)) return plan;
  const afresh = planned(services, plan.room);
  // Where nothing moves by it, what came stands where everybody else will see it.
  if (holdsStill(plan, afresh)) return afresh;
  // Where most are new there is little to hold on to.
  const known = services.filter((node) => plan.places.has(nodeKey(node)));
  return known.length * 2 < services.length ? afresh : extended(plan, services);
}

function holdsStill(plan: MapPlan, afresh: MapPlan): boolean {
  return (
    plan.direction === afresh.direction &&
    [...plan.places].every(([key, { x, y }]) => {
      const place = afresh.places.get(key);
      return place?.x === x && place.y === y;
    })
  );
}
