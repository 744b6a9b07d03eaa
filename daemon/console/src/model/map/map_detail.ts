// What of a node is drawn at a scale, and how big its name is written.
import { NAME_SIZE } from "./map_geometry";

/** How much of a node is legible. */
export type Detail = "full" | "figures" | "names" | "shapes";

export function detailAt(scale: number): Detail {
  if (scale >= 0.78) return "full";
  if (scale >= 0.62) return "figures";
  return scale >= 0.16 ? "names" : "shapes";
}

/** Pixels of the screen; nothing smaller can be read at ease. */
const LEAST_NAME = 11;
/** Few steps: with each one names are cut anew. The last one fills the room below a ring. */
const NAME_SIZES = [NAME_SIZE, 16, 18, 20, 22, 25, 30, 37, 46];

/** The size of names in the map's own pixels, such that they can be read where there is room. */
export function nameSizeAt(scale: number): number {
  const wanted = LEAST_NAME / scale;
  return NAME_SIZES.find((size) => size >= wanted) ?? NAME_SIZES[NAME_SIZES.length - 1] ?? NAME_SIZE;
}
