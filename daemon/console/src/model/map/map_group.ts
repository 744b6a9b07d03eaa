// Where the services stand that have to do with one another, and where their lines turn.
import type { Size } from "./map_geometry";
import { ordered, type Station } from "./map_order";
import { placeAcross } from "./map_places";
import { columnsFor, mostRows, nodesIn, rankLength, rowsOf } from "./map_rows";
import type { Vertex } from "./map_ranks";
import type { Spacing } from "./map_spacing";

export interface Spot {
  readonly along: number;
  readonly across: number;
}

export interface PlacedGroup {
  readonly spots: readonly (Spot & { readonly vertex: Vertex })[];
  readonly bends: readonly {
    readonly from: Vertex;
    readonly to: Vertex;
    readonly points: readonly Spot[];
  }[];
  /** From 0, 0. */
  readonly along: number;
  readonly across: number;
}

/** Windows are wider than high: a map is stretched towards this, but not so far that lines get lost. */
const WANTED_ASPECT = 1.9;
/** Maps with columns are shown small: so names of single nodes have room even then. */
const MORE_BEFORE_COLUMNS = 34;
/** From the end of a lane to the ring that it leads to. */
const RAMP = { right: 52, down: 24 };

interface Place extends Spot {
  readonly vertex: Vertex;
  readonly column: number;
  readonly columns: number;
  /** Where its rank begins and ends. */
  readonly start: number;
  readonly end: number;
}

export function groupPlaced(group: readonly Vertex[], spacing: Spacing, space: Size): PlacedGroup {
  const { ranks, tracks } = ordered(group);
  const most = mostRows(ranks, spacing, space);
  const columns = ranks.map((rank) => columnsFor(nodesIn(rank), most));
  const rows = ranks.map((rank, index) => rowsOf(rank, columns[index] ?? 1));
  placeAcross(rows, spacing);
  const stations = ranks.flat();
  const top = Math.min(...stations.map(({ vertex, across }) => across - (vertex ? spacing.above : 0)));
  const bottom = Math.max(...stations.map(({ vertex, across }) => across + (vertex ? spacing.below : 0)));

  const lengths = columns.map((count) => rankLength(count, spacing));
  const solid = lengths.reduce((sum, length) => sum + length, 0);
  const isWrapped = columns.some((count) => count > 1);
  const least = spacing.gapAlong + (isWrapped ? MORE_BEFORE_COLUMNS : 0);
  const gap = gapFor(solid, ranks.length - 1, bottom - top, { ...spacing, gapAlong: least });
  const places = new Map<Vertex, Place>();
  const passes = new Map<Station, { start: number; end: number; columns: number }>();
  let start = 0;
  rows.forEach((rank, index) => {
    const [end, count] = [start + (lengths[index] ?? 0), columns[index] ?? 1];
    for (const { stations: members } of rank) {
      members.forEach(({ vertex, across }, column) => {
        if (!vertex) return;
        const along = start + spacing.before + column * spacing.columnPitch;
        places.set(vertex, { vertex, along, across: across - top, column, columns: count, start, end });
      });
      for (const member of members) passes.set(member, { start, end, columns: count });
    }
    start = end + gap;
  });

  const passed = new Map(
    tracks.map(({ from, to, by }) => [
      pairOf(from, to),
      by.flatMap((station) => {
        const at = passes.get(station);
        if (!at) return [];
        const across = station.across - top;
        return [{ along: at.start, across }, { along: at.end, across }];
      }),
    ]),
  );
  const bends = [...places.values()].flatMap((from) =>
    from.vertex.called.flatMap((called) => {
      const to = places.get(called);
      if (!to) return [];
      const points = [
        ...wayOut(from, spacing),
        ...(passed.get(pairOf(from.vertex, called)) ?? []),
        ...wayIn(to, spacing),
      ];
      return points.length > 0 ? [{ from: from.vertex, to: called, points }] : [];
    }),
  );
  return { spots: [...places.values()], bends, along: start - gap, across: bottom - top };
}

function gapFor(solid: number, gaps: number, across: number, spacing: Spacing): number {
  const wanted = (across * WANTED_ASPECT - solid) / Math.max(1, gaps);
  return Math.round(Math.min(spacing.mostGapAlong, Math.max(spacing.gapAlong, wanted)));
}

function pairOf(from: Vertex, to: Vertex): string {
  return `${from.key}\n${to.key}`;
}

/** Past the columns after its own, in the free lane beside its row. */
function wayOut({ along, across, column, columns, end }: Place, spacing: Spacing): readonly Spot[] {
  if (column === columns - 1) return [];
  const lane = across - spacing.lane;
  const begin = along + spacing.after + RAMP[spacing.direction];
  return [{ along: begin, across: lane }, { along: end, across: lane }];
}

/** Past the columns before its own. */
function wayIn({ along, across, column, start }: Place, spacing: Spacing): readonly Spot[] {
  if (column === 0) return [];
  const lane = across - spacing.lane;
  const finish = along - spacing.before - RAMP[spacing.direction];
  return [{ along: start, across: lane }, { along: finish, across: lane }];
}
