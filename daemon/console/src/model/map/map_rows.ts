// Ranks of many nodes stand in several columns: how many, and in which rows.
import type { Size } from "./map_geometry";
import type { Station } from "./map_order";
import type { Spacing } from "./map_spacing";

/** What stands side by side in a rank: some nodes, or where one line passes. */
export interface Row {
  readonly stations: readonly Station[];
  readonly isPass: boolean;
}

/** Columns are worth their longer lines where all is shown so much bigger. */
const WORTH_IT = 1.2;

/** The most rows that a rank may have, for the whole to be shown as big as can be in `space`. */
export function mostRows(
  ranks: readonly (readonly Station[])[],
  spacing: Spacing,
  space: Size,
): number {
  const counts = ranks.map(nodesIn);
  const longest = Math.max(0, ...counts);
  const [along, across] =
    spacing.direction === "right" ? [space.width, space.height] : [space.height, space.width];
  const scaleAt = (rows: number) => {
    const width = counts.reduce((sum, count) => sum + rankLength(columnsFor(count, rows), spacing), 0);
    const gaps = (counts.length - 1) * spacing.gapAlong;
    const height = Math.min(rows, longest) * (spacing.above + spacing.below + spacing.gap);
    return Math.min(1, along / (width + gaps), across / height);
  };
  let [best, largest] = [longest, scaleAt(longest) * WORTH_IT];
  for (let rows = longest - 1; rows >= spacing.leastRows; rows -= 1) {
    const scale = scaleAt(rows);
    if (scale > largest) [best, largest] = [rows, scale];
  }
  return Math.max(best, spacing.leastRows);
}

export function columnsFor(count: number, rows: number): number {
  return Math.max(1, Math.ceil(count / rows));
}

export function rankLength(columns: number, { before, after, columnPitch }: Spacing): number {
  return before + after + (columns - 1) * columnPitch;
}

export function nodesIn(rank: readonly Station[]): number {
  return rank.filter(({ vertex }) => vertex).length;
}

/** The rank in rows of so many nodes, in the same order; lines pass between rows. */
export function rowsOf(rank: readonly Station[], columns: number): readonly Row[] {
  const rows: Row[] = [];
  let nodes: Station[] = [];
  let passes: Station[] = [];
  const endRow = () => {
    if (nodes.length > 0) rows.push({ stations: nodes, isPass: false });
    rows.push(...passes.map((pass) => ({ stations: [pass], isPass: true })));
    [nodes, passes] = [[], []];
  };
  for (const station of rank) {
    if (station.vertex) nodes.push(station);
    // A line that comes in the first half of a row passes before it.
    else if (nodes.length * 2 < columns) rows.push({ stations: [station], isPass: true });
    else passes.push(station);
    if (nodes.length === columns) endRow();
  }
  endRow();
  return rows;
}
