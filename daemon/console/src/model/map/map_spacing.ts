// How far apart things stand on the service map. "Along" is the direction from callers to whom they
// call, "across" is the other one.
import { LABEL_HEIGHT, NODE_RADIUS, type Direction, type Room, type Size } from "./map_geometry";

export interface Spacing {
  readonly direction: Direction;
  /** What a node takes across, from its ring's middle, and what is free between two. */
  readonly above: number;
  readonly below: number;
  readonly gap: number;
  /** What a node takes along. */
  readonly before: number;
  readonly after: number;
  /** Between two ranks, least and most. */
  readonly gapAlong: number;
  readonly mostGapAlong: number;
  /** Between the middles of two columns of one rank. */
  readonly columnPitch: number;
  /** From the middle of a row to the free lane before it. */
  readonly lane: number;
  /** Ranks with no more nodes stand in one column. */
  readonly leastRows: number;
}

/** What windows have for the map, about. */
const SPACE: Readonly<Record<Room, Size>> = {
  wide: { width: 1340, height: 680 },
  narrow: { width: 370, height: 560 },
  band: { width: 1340, height: 200 },
  narrowBand: { width: 350, height: 250 },
};

export function spaceOf(room: Room): Size {
  return SPACE[room];
}

export function isNarrow(room: Room): boolean {
  return room === "narrow" || room === "narrowBand";
}

export function directionsOf(room: Room): readonly Direction[] {
  return isNarrow(room) ? ["right", "down"] : ["right"];
}

export function spacingOf(room: Room, direction: Direction): Spacing {
  const narrow = isNarrow(room);
  if (direction === "right") {
    const gap = narrow ? 8 : 14;
    return {
      direction,
      above: NODE_RADIUS,
      below: NODE_RADIUS + LABEL_HEIGHT,
      gap,
      before: NODE_RADIUS,
      after: NODE_RADIUS,
      gapAlong: narrow ? 50 : 138,
      mostGapAlong: narrow ? 50 : 220,
      columnPitch: narrow ? 126 : 204,
      lane: NODE_RADIUS + gap / 2,
      leastRows: narrow ? 4 : 6,
    };
  }
  const half = 61;
  return {
    direction,
    above: half,
    below: half,
    gap: 8,
    before: NODE_RADIUS,
    after: NODE_RADIUS + LABEL_HEIGHT,
    gapAlong: 40,
    mostGapAlong: 40,
    columnPitch: 2 * NODE_RADIUS + LABEL_HEIGHT + 24,
    lane: half + 4,
    leastRows: 3,
  };
}
