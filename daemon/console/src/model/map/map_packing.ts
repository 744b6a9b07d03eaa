// Groups of services that have nothing to do with one another stand in stacks beside one another.
import type { Size } from "./map_geometry";
import type { PlacedGroup, Spot } from "./map_group";
import type { Spacing } from "./map_spacing";

/** A further stack is worth it where all is shown so much bigger. */
const WORTH_IT = 1.1;

/** The corner of each group, such that all are shown as big as can be in `space`. */
export function packed(groups: readonly PlacedGroup[], spacing: Spacing, space: Size): readonly Spot[] {
  const [along, across] =
    spacing.direction === "right" ? [space.width, space.height] : [space.height, space.width];
  const total = groups.reduce((sum, group) => sum + group.across + spacing.gap, 0);
  let best = stacked(groups, total, spacing);
  for (let stacks = 2; stacks <= groups.length; stacks += 1) {
    const next = stacked(groups, total / stacks, spacing);
    const scale = (size: { along: number; across: number }) =>
      Math.min(1, along / size.along, across / size.across);
    if (scale(next) > scale(best) * WORTH_IT) best = next;
  }
  return best.corners;
}

function stacked(groups: readonly PlacedGroup[], highest: number, { gap, gapAlong }: Spacing) {
  const corners: Spot[] = [];
  let [along, across, widest, tallest] = [0, 0, 0, 0];
  for (const group of groups) {
    if (across > 0 && across + group.across > highest) [along, across, widest] = [along + widest + gapAlong, 0, 0];
    corners.push({ along, across });
    across += group.across + gap;
    widest = Math.max(widest, group.along);
    tallest = Math.max(tallest, across);
  }
  return { corners, along: along + widest, across: tallest };
}
