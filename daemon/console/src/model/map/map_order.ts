// In which order the nodes of each rank stand, so that few lines cross.
import type { Vertex } from "./map_ranks";

/** A node, or where a line passes a rank on its way to a farther one. */
export interface Station {
  readonly vertex: Vertex | undefined;
  /** Of the ranks before and after. */
  readonly before: Station[];
  readonly after: Station[];
  /** Within its rank. */
  order: number;
  /** Where in its rank its neighbours would have it. */
  wanted: number;
  /** Where it stands, from map_places. */
  across: number;
}

/** A line that passes ranks, and where. */
export interface Track {
  readonly from: Vertex;
  readonly to: Vertex;
  readonly by: readonly Station[];
}

export interface Ordered {
  readonly ranks: readonly (readonly Station[])[];
  readonly tracks: readonly Track[];
}

const MOST_SWEEPS = 24;
/** So many sweeps without fewer crossings, and it is done. */
const PATIENCE = 4;
/** Neighbours are swapped one by one only on maps of a size that people read line by line. */
const MOST_SWAPPED = 160;

export function ordered(group: readonly Vertex[]): Ordered {
  const { ranks, tracks } = stationsOf(group);
  let best = ranks.map((rank) => [...rank]);
  let fewest = crossings(best);
  let tired = 0;
  for (let sweep = 0; sweep < MOST_SWEEPS && fewest > 0 && tired < PATIENCE; sweep += 1) {
    sweepOnce(ranks, sweep % 2 === 0);
    if (group.length <= MOST_SWAPPED) swapNeighbours(ranks);
    const count = crossings(ranks);
    tired += 1;
    if (count < fewest) [best, fewest, tired] = [ranks.map((rank) => [...rank]), count, 0];
  }
  best.forEach(numbered);
  return { ranks: best, tracks };
}

function stationsOf(group: readonly Vertex[]): { ranks: Station[][]; tracks: Track[] } {
  const first = group.reduce((least, { rank }) => Math.min(least, rank), Infinity);
  const ranks: Station[][] = [];
  const tracks: Track[] = [];
  const add = (vertex: Vertex | undefined, rank: number): Station => {
    const members = (ranks[rank] ??= []);
    const station = { vertex, before: [], after: [], order: members.length, wanted: 0, across: 0 };
    members.push(station);
    return station;
  };
  const known = new Map<Vertex, Station>();
  const visited = (vertex: Vertex): Station => {
    const station = known.get(vertex) ?? add(vertex, vertex.rank - first);
    known.set(vertex, station);
    return station;
  };
  // Depth first: what belongs together stands together from the beginning.
  const waiting = group.filter(({ callers }) => callers.length === 0).reverse();
  const seen = new Set(waiting);
  for (let vertex = waiting.pop(); vertex; vertex = waiting.pop()) {
    const station = visited(vertex);
    for (const target of vertex.called) {
      const by: Station[] = [];
      let last = station;
      for (let rank = vertex.rank + 1; rank < target.rank; rank += 1) {
        const pass = add(undefined, rank - first);
        connect(last, pass);
        by.push(pass);
        last = pass;
      }
      connect(last, visited(target));
      if (by.length > 0) tracks.push({ from: vertex, to: target, by });
    }
    for (const target of [...vertex.called].reverse()) {
      if (seen.has(target)) continue;
      seen.add(target);
      waiting.push(target);
    }
  }
  return { ranks, tracks };
}

function connect(from: Station, to: Station): void {
  from.after.push(to);
  to.before.push(from);
}

/** Each station goes to the middle of its neighbours in the rank that has just been put in order. */
function sweepOnce(ranks: Station[][], isForward: boolean): void {
  const sequence = isForward ? ranks : [...ranks].reverse();
  let previous: Station[] = [];
  for (const rank of sequence) {
    const share = previous.length / Math.max(1, rank.length);
    for (const station of rank) {
      const near = isForward ? station.before : station.after;
      let sum = 0;
      for (const { order } of near) sum += order;
      station.wanted = near.length > 0 ? sum / near.length : station.order * share;
    }
    rank.sort((a, b) => a.wanted - b.wanted || a.order - b.order);
    numbered(rank);
    previous = rank;
  }
}

function swapNeighbours(ranks: Station[][]): void {
  for (const rank of ranks) {
    for (let index = 1; index < rank.length; index += 1) {
      const [left, right] = [rank[index - 1], rank[index]];
      if (!left || !right || crossingsOf(left, right) <= crossingsOf(right, left)) continue;
      [rank[index - 1], rank[index]] = [right, left];
      [left.order, right.order] = [right.order, left.order];
    }
  }
}

/** How many of their lines cross while `left` stands before `right`. */
function crossingsOf(left: Station, right: Station): number {
  let count = 0;
  for (const side of ["before", "after"] as const) {
    for (const a of left[side]) {
      for (const b of right[side]) if (a.order > b.order) count += 1;
    }
  }
  return count;
}

function numbered(rank: readonly Station[]): void {
  rank.forEach((station, order) => {
    station.order = order;
  });
}

function crossings(ranks: readonly (readonly Station[])[]): number {
  ranks.forEach(numbered);
  let count = 0;
  ranks.forEach((rank, index) => {
    // How many lines have ended at or before a place, in a tree of sums.
    const sums = new Array<number>((ranks[index + 1]?.length ?? 0) + 1).fill(0);
    let lines = 0;
    for (const { after } of rank) {
      for (const { order } of after) count += lines - sumUpTo(sums, order);
      for (const { order } of after) add(sums, order);
      lines += after.length;
    }
  });
  return count;
}

function add(sums: number[], place: number): void {
  for (let at = place + 1; at < sums.length; at += at & -at) sums[at] = (sums[at] ?? 0) + 1;
}

function sumUpTo(sums: readonly number[], place: number): number {
  let sum = 0;
  for (let at = place + 1; at > 0; at -= at & -at) sum += sums[at] ?? 0;
  return sum;
}
