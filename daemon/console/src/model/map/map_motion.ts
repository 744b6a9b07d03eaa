// Nodes on their way to other places.
import type { Point } from "./map_geometry";
import { drawn, type MapLayout } from "./map_layout";
import { nodeKey } from "./map_node";

/** Whether a node that both have stands elsewhere. */
export function isMoved(from: MapLayout, to: MapLayout): boolean {
  return to.nodes.some(({ key, x, y }) => {
    const place = from.plan.places.get(key);
    return place !== undefined && (place.x !== x || place.y !== y);
  });
}

/** The map of `to` with its nodes `share` of the way from where they stood. */
export function partWay(from: MapLayout, to: MapLayout, share: number): MapLayout {
  const { plan } = to;
  const shift = (key: string): Point => {
    const [before, after] = [from.plan.places.get(key), plan.places.get(key)];
    if (!before || !after) return { x: 0, y: 0 };
    return { x: (before.x - after.x) * (1 - share), y: (before.y - after.y) * (1 - share) };
  };
  const places = new Map(
    [...plan.places].map(([key, { x, y }]) => {
      const by = shift(key);
      return [key, { x: rounded(x + by.x), y: rounded(y + by.y) }];
    }),
  );
  const ends = new Map(to.edges.map(({ key, source, target }) => [key, [nodeKey(source), nodeKey(target)]]));
  const bends = new Map(
    [...plan.bends].map(([key, points]) => {
      // A line's turns go with its ends.
      const by = (ends.get(key) ?? []).map(shift);
      const along = (axis: "x" | "y") => by.reduce((sum, one) => sum + one[axis], 0) / Math.max(1, by.length);
      return [key, points.map(({ x, y }) => ({ x: x + along("x"), y: y + along("y") }))];
    }),
  );
  const layout = drawn({ ...plan, places, bends }, to.nodes.map(({ node }) => node));
  // Names are not cut for whom they pass on the way.
  const rooms = new Map(to.nodes.map(({ key, labelRoom }) => [key, labelRoom]));
  const nodes = layout.nodes.map((one) => ({ ...one, labelRoom: rooms.get(one.key) ?? one.labelRoom }));
  return { ...layout, nodes };
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
