// Where the rows of each rank stand: as near to their callers and to whom they call as there is room.
import type { Row } from "./map_rows";
import type { Spacing } from "./map_spacing";

/** Lines that pass ranks shall be straight before all. */
const PASS_TO_PASS = 8;
const PASS_TO_NODE = 2;
/** What a passing line takes, and between two of them. */
const PASS_ROOM = 4;
const PASS_GAP = 5;
/** Enough for maps that are read line by line; of larger ones nobody sees the last pixel. */
const SMALL_MAP = 120;
const TURNS = { small: 60, large: 12 };
/** Pixels; who moves less has arrived. */
const STILL = 0.3;

type Rank = readonly Row[];
type Sides = readonly ("before" | "after")[];

/** Gives each station its place across. The middle of the first rank is at 0. */
export function placeAcross(ranks: readonly Rank[], spacing: Spacing): void {
  for (const rank of ranks) settle(rank, spacing, []);
  const backwards = [...ranks].reverse();
  for (let turn = 0; turn < 2; turn += 1) {
    for (const rank of ranks) settle(rank, spacing, ["before"]);
    for (const rank of backwards) settle(rank, spacing, ["after"]);
  }
  const count = ranks.reduce((sum, rank) => sum + rank.length, 0);
  const turns = count <= SMALL_MAP ? TURNS.small : TURNS.large;
  for (let turn = 0, moved = Infinity; turn < turns && moved > STILL; turn += 1) {
    moved = 0;
    for (const rank of turn % 2 === 0 ? ranks : backwards) {
      moved = Math.max(moved, settle(rank, spacing, ["before", "after"]));
    }
  }
  for (const { stations } of ranks.flat()) {
    for (const station of stations) station.across = Math.round(station.across);
  }
}

interface Block {
  rows: number;
  weight: number;
  /** Weighted sum of where its first row would stand. */
  sum: number;
}

/**
 * Moves the rows of a rank to where their neighbours are, in their order and with their distances:
 * with the least sum of squares (rows that push one another move as one block). Tells how far the
 * one went that went farthest.
 */
function settle(rank: Rank, spacing: Spacing, sides: Sides): number {
  const offsets: number[] = [];
  const blocks: Block[] = [];
  let offset = 0;
  rank.forEach((row, index) => {
    const previous = rank[index - 1];
    if (previous) offset += distance(previous, row, spacing);
    offsets.push(offset);
    const { wanted, weight } = wish(row, sides);
    let block: Block = { rows: 1, weight, sum: (wanted - offset) * weight };
    for (;;) {
      const last = blocks[blocks.length - 1];
      if (!last || startOf(last) <= startOf(block)) break;
      blocks.pop();
      block = {
        rows: last.rows + block.rows,
        weight: last.weight + block.weight,
        sum: last.sum + block.sum,
      };
    }
    blocks.push(block);
  });
  let [index, farthest] = [0, 0];
  for (const block of blocks) {
    for (let end = index + block.rows; index < end; index += 1) {
      const across = startOf(block) + (offsets[index] ?? 0);
      for (const station of rank[index]?.stations ?? []) {
        farthest = Math.max(farthest, Math.abs(station.across - across));
        station.across = across;
      }
    }
  }
  return farthest;
}

function startOf({ sum, weight }: Block): number {
  return sum / weight;
}

function distance(a: Row, b: Row, { above, below, gap }: Spacing): number {
  if (a.isPass && b.isPass) return PASS_ROOM + PASS_GAP;
  return (a.isPass ? PASS_ROOM : below) + gap + (b.isPass ? PASS_ROOM : above);
}

/** Where a row's neighbours are on these sides, and how much that counts. */
function wish(row: Row, sides: Sides) {
  let [sum, weight] = [0, 0];
  for (const station of row.stations) {
    for (const side of sides) {
      for (const other of station[side]) {
        const passes = (station.vertex ? 0 : 1) + (other.vertex ? 0 : 1);
        const counts = passes === 2 ? PASS_TO_PASS : passes === 1 ? PASS_TO_NODE : 1;
        sum += other.across * counts;
        weight += counts;
      }
    }
  }
  if (weight > 0) return { wanted: sum / weight, weight };
  // Nobody calls it from there: it stays where it is, but makes room.
  return { wanted: row.stations[0]?.across ?? 0, weight: 0.05 };
}
