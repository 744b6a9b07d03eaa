// Which part of the map is in sight: a point of the map is drawn at scale * point + (x, y).
import type { Bounds, Point, Size } from "./map_geometry";

export interface View {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

/** What of the frame is covered, by the panel above all. */
export interface Insets {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
}

/** What there is to see. */
export interface Scene {
  readonly bounds: Bounds;
  /** Of each node with its name. */
  readonly boxes: readonly Bounds[];
  /** What the panel is about, and that with its neighbours. */
  readonly focus: { readonly itself: Bounds; readonly near: Bounds } | undefined;
}

export const NO_INSETS: Insets = { left: 0, right: 0, bottom: 0 };
/** Names can be read from here on. */
export const LEGIBLE = 0.45;
/** A map of a few services is not lost in its window. */
export const LARGEST_FIT = 1.35;
const LEAST_SCALE = 0.03;
const MOST_SCALE = 3;
/** As much of the map stays in sight. */
const IN_SIGHT = 80;
/** Free about a map that is shown whole. */
const AROUND_ALL = 12;

/** Bigger or smaller, with `at` of the frame staying on the same point of the map. */
export function zoomed(view: View, at: Point, factor: number): View {
  const scale = Math.min(MOST_SCALE, Math.max(LEAST_SCALE, view.scale * factor));
  const change = scale / view.scale;
  return { scale, x: at.x - (at.x - view.x) * change, y: at.y - (at.y - view.y) * change };
}

/** All of the map, in the middle, no bigger than `largest`. */
export function fitted(bounds: Bounds, frame: Size, insets: Insets = NO_INSETS, largest = 1): View {
  const width = Math.max(1, frame.width - insets.left - insets.right - 2 * AROUND_ALL);
  const height = Math.max(1, frame.height - insets.bottom - 2 * AROUND_ALL);
  const whole = Math.min(width / Math.max(1, bounds.width), height / Math.max(1, bounds.height));
  const scale = Math.max(LEAST_SCALE, Math.min(largest, whole));
  return {
    scale,
    x: insets.left + AROUND_ALL + (width - bounds.width * scale) / 2 - bounds.x * scale,
    y: AROUND_ALL + (height - bounds.height * scale) / 2 - bounds.y * scale,
  };
}

/**
 * What the map shows of itself before anybody moves it: all, with no node below the buttons in the
 * `corner` at the left of the bottom. Where that is too small beside the panel, what the panel is
 * about, with its neighbours if they can be read.
 */
export function homeView(scene: Scene, frame: Size, insets: Insets, corner: Size): View {
  const whole = clearOf(corner, scene.boxes, frame, insets, (free) =>
    fitted(scene.bounds, frame, free, LARGEST_FIT),
  );
  if (!scene.focus || whole.scale >= LEGIBLE) return whole;
  return nearView(scene, frame, insets, whole);
}

/** What the panel is about, at a size at which it can be read; `view` is what there is now. */
export function nearView({ focus }: Scene, frame: Size, insets: Insets, view: View): View {
  if (!focus) return view;
  const { itself, near } = focus;
  const free = { width: frame.width - insets.left - insets.right, height: frame.height - insets.bottom };
  const room = Math.min(free.width / near.width, free.height / near.height);
  // As big as it was, unless that is too small.
  const wanted = Math.max(view.scale, LEGIBLE * 1.4);
  const scale = room >= LEGIBLE ? Math.min(wanted, room * 0.94) : wanted;
  const target = room >= LEGIBLE ? near : itself;
  const middle = { x: target.x + target.width / 2, y: target.y + target.height / 2 };
  const at = { x: middle.x * view.scale + view.x, y: middle.y * view.scale + view.y };
  return shownWithin(zoomed(view, at, scale / view.scale), target, frame, insets);
}

/** Moved no further than it takes to have all of `box` uncovered, or its middle in the middle. */
function shownWithin(view: View, box: Bounds, frame: Size, insets: Insets): View {
  const shift = (from: number, length: number, low: number, high: number) => {
    if (length > high - low) return (low + high - length) / 2 - from;
    return Math.max(low - from, 0) + Math.min(high - from - length, 0);
  };
  const [width, height] = [box.width * view.scale, box.height * view.scale];
  const [left, top] = [box.x * view.scale + view.x, box.y * view.scale + view.y];
  return {
    ...view,
    x: view.x + shift(left, width, insets.left, frame.width - insets.right),
    y: view.y + shift(top, height, 0, frame.height - insets.bottom),
  };
}

/** The first fit if no box lies in the corner; else the bigger one of those beside and above it. */
function clearOf(
  corner: Size,
  boxes: readonly Bounds[],
  frame: Size,
  insets: Insets,
  fit: (insets: Insets) => View,
): View {
  const plain = fit(insets);
  const top = frame.height - corner.height;
  const isCovered = ({ x, y, width, height }: Bounds) =>
    x * plain.scale + plain.x < corner.width &&
    (x + width) * plain.scale + plain.x > 0 &&
    (y + height) * plain.scale + plain.y > top &&
    y * plain.scale + plain.y < frame.height;
  // The panel of a narrow window covers the corner, too.
  if (insets.bottom >= corner.height || !boxes.some(isCovered)) return plain;
  const above = fit({ ...insets, bottom: Math.max(insets.bottom, corner.height - AROUND_ALL) });
  const beside = fit({ ...insets, left: Math.max(insets.left, corner.width - AROUND_ALL) });
  return beside.scale > above.scale ? beside : above;
}

/** Pulled back where nearly nothing of the map would be left in the frame. */
export function keptInSight(view: View, bounds: Bounds, frame: Size): View {
  const between = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high);
  const left = IN_SIGHT - (bounds.x + bounds.width) * view.scale;
  const top = IN_SIGHT - (bounds.y + bounds.height) * view.scale;
  const right = frame.width - IN_SIGHT - bounds.x * view.scale;
  const bottom = frame.height - IN_SIGHT - bounds.y * view.scale;
  return { ...view, x: between(view.x, left, right), y: between(view.y, top, bottom) };
}

/** Moved no further than it takes to have `point` and `around` pixels about it uncovered. */
export function revealed(view: View, point: Point, frame: Size, insets: Insets, around = 96): View {
  const shift = (at: number, length: number) => {
    const margin = Math.min(around, length / 2);
    if (at < margin) return margin - at;
    return at > length - margin ? length - margin - at : 0;
  };
  const at = { x: point.x * view.scale + view.x, y: point.y * view.scale + view.y };
  return {
    ...view,
    x: view.x + shift(at.x - insets.left, frame.width - insets.left - insets.right),
    y: view.y + shift(at.y, frame.height - insets.bottom),
  };
}

/** Between two views, `share` of the way. */
export function between(from: View, to: View, share: number): View {
  const mix = (a: number, b: number) => a + (b - a) * share;
  return { x: mix(from.x, to.x), y: mix(from.y, to.y), scale: mix(from.scale, to.scale) };
}
