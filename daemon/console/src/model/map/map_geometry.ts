// What places, lines and drawing of the service map have in common.

/** Callers at the left of whom they call, or above. */
export type Direction = "right" | "down";

/** A desk's window or a phone's, and the low band that a trace has for its map in each of them. */
export type Room = "wide" | "narrow" | "band" | "narrowBand";

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Bounds extends Point, Size {}

/** The ring's outer radius. Names stand below it, and may be wider than it. */
export const NODE_RADIUS = 38;
export const LABEL_HEIGHT = 42;

/** Pixels of the map; the style sheet has names at the same size, and types at this share of it. */
export const NAME_SIZE = 14;
export const TYPE_SHARE = 0.86;
/** Where a name has as much room, it is shown whole. */
export const WIDEST_LABEL = 250;
