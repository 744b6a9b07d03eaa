// The line of a call, from ring to ring, and the arrow at its end.
import { LABEL_HEIGHT, NODE_RADIUS, type Direction, type Point } from "./map_geometry";

export interface EdgePath {
  readonly path: string;
  readonly arrow: string;
}

const GAP = 3;
const ARROW = 9;

/** Leaves along the map's direction, passes the bends, arrives along the direction. */
export function forwardPath(points: readonly Point[], direction: Direction): EdgePath {
  const turned = direction === "down";
  // Along is the direction of the map, across is the other one.
  const track = points.map(({ x, y }) => (turned ? { along: y, across: x } : { along: x, across: y }));
  const first = track[0];
  const last = track[track.length - 1];
  if (!first || !last) return { path: "", arrow: "" };
  const start = { ...first, along: first.along + NODE_RADIUS + GAP + (turned ? LABEL_HEIGHT - 6 : 0) };
  const tip = last.along - NODE_RADIUS - GAP;
  const end = { ...last, along: tip - ARROW };
  const stations = [start];
  for (const station of track.slice(1, -1)) {
    // Bends that lie beside a ring would make the line turn back.
    if (station.along > (stations[stations.length - 1]?.along ?? 0) + 8 && station.along < end.along - 8) {
      stations.push(station);
    }
  }
  stations.push(end);
  const text = (along: number, across: number) =>
    turned ? `${round(across)} ${round(along)}` : `${round(along)} ${round(across)}`;
  let path = `M${text(start.along, start.across)}`;
  for (let index = 1; index < stations.length; index += 1) {
    const from = stations[index - 1];
    const to = stations[index];
    if (!from || !to) continue;
    const reach = (to.along - from.along) * 0.45;
    const leaving = slopeAt(stations, index - 1) * reach;
    const arriving = slopeAt(stations, index) * reach;
    path +=
      `C${text(from.along + reach, from.across + leaving)} ` +
      `${text(to.along - reach, to.across - arriving)} ${text(to.along, to.across)}`;
  }
  const arrow =
    `M${text(tip, last.across)}L${text(end.along - 1, last.across - 5)}` +
    `L${text(end.along - 1, last.across + 5)}Z`;
  return { path, arrow };
}

/** Level at both ends; between, never past a neighbour (Fritsch and Carlson's monotone slopes). */
function slopeAt(stations: readonly { along: number; across: number }[], index: number): number {
  const [before, at, after] = [stations[index - 1], stations[index], stations[index + 1]];
  if (!before || !at || !after) return 0;
  const rising = (at.across - before.across) / (at.along - before.along);
  const going = (after.across - at.across) / (after.along - at.along);
  if (rising * going <= 0) return 0;
  return Math.sign(rising) * Math.min(Math.abs(rising), Math.abs(going), Math.abs(rising + going) / 2);
}

/** To a caller, or to one at the same distance: an arc over the rings. */
export function backPath(from: Point, to: Point, direction: Direction): EdgePath {
  if (direction === "right") {
    const rise = 34 + Math.abs(from.x - to.x) * 0.12;
    const start = { x: from.x - 8, y: from.y - NODE_RADIUS - GAP };
    const tip = { x: to.x + 8, y: to.y - NODE_RADIUS - GAP };
    const top = Math.min(start.y, tip.y) - rise;
    return {
      path: `M${round(start.x)} ${round(start.y)}C${round(start.x)} ${round(top)} ${round(tip.x)} ${round(top)} ${round(tip.x)} ${round(tip.y - ARROW)}`,
      arrow: `M${round(tip.x)} ${round(tip.y)}l-5 -10h10Z`,
    };
  }
  const reach = 34 + Math.abs(from.y - to.y) * 0.12;
  const start = { x: from.x + NODE_RADIUS + GAP, y: from.y - 8 };
  const tip = { x: to.x + NODE_RADIUS + GAP, y: to.y + 8 };
  const far = Math.max(start.x, tip.x) + reach;
  return {
    path: `M${round(start.x)} ${round(start.y)}C${round(far)} ${round(start.y)} ${round(far)} ${round(tip.y)} ${round(tip.x + ARROW)} ${round(tip.y)}`,
    arrow: `M${round(tip.x)} ${round(tip.y)}l10 -5v10Z`,
  };
}

/** A service that calls itself. */
export function loopPath(at: Point): EdgePath {
  const top = at.y - NODE_RADIUS - GAP;
  return {
    path: `M${round(at.x - 12)} ${round(top + 3)}c-18 -36 40 -36 24 ${-ARROW - 2}`,
    arrow: `M${round(at.x + 11)} ${round(top + 2)}l-3.5 -9 9 1.5Z`,
  };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
