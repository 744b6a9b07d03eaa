// What the view of a map has to consider.
import { LABEL_HEIGHT, NODE_RADIUS, type Bounds } from "./map_geometry";
import { touching } from "./map_focus";
import { halfWidth, type MapLayout, type PlacedNode } from "./map_layout";
import type { Scene } from "./map_view";

/** Free about what the panel is about. */
const AROUND = 14;

export function sceneOf(layout: MapLayout, selected: string | undefined): Scene {
  const boxes = layout.nodes.map(boxOf);
  if (selected === undefined) return { bounds: layout.bounds, boxes, focus: undefined };
  const near = touching(layout, selected);
  const around = layout.nodes.filter(({ key }) => near.has(key));
  const itself = around.find(({ key }) => key === selected);
  if (around.length === 0) return { bounds: layout.bounds, boxes, focus: undefined };
  const whole = unionOf(around.map(boxOf));
  return { bounds: layout.bounds, boxes, focus: { near: whole, itself: itself ? unionOf([boxOf(itself)]) : whole } };
}

function boxOf(placed: PlacedNode): Bounds {
  const { x, y } = placed;
  const half = halfWidth(placed);
  return { x: x - half, y: y - NODE_RADIUS, width: 2 * half, height: 2 * NODE_RADIUS + LABEL_HEIGHT };
}

function unionOf(boxes: readonly Bounds[]): Bounds {
  const left = Math.min(...boxes.map(({ x }) => x)) - AROUND;
  const top = Math.min(...boxes.map(({ y }) => y)) - AROUND;
  const right = Math.max(...boxes.map(({ x, width }) => x + width)) + AROUND;
  const bottom = Math.max(...boxes.map(({ y, height }) => y + height)) + AROUND;
  return { x: left, y: top, width: right - left, height: bottom - top };
}
