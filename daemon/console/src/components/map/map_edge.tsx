import { useMemo } from "preact/hooks";
import { formatDuration, formatRate } from "../../model/format";
import type { PlacedEdge } from "../../model/map/map_layout";
import { edgeSelector, nodeName } from "../../model/map/map_node";
import { averageOf, statisticsWords } from "../../model/map/ring";

/** An arrow from caller to called; the more requests, the wider. */
export function MapEdge(props: {
  readonly placed: PlacedEdge;
  readonly minutes: number | undefined;
  readonly isSelected: boolean;
  readonly addressOf: (selector: string) => string;
}) {
  const { placed, minutes, isSelected, addressOf } = props;
  const { statistics, link } = placed.edge;
  const address = addressOf(edgeSelector(placed.source, placed.target));
  const rate = minutes === undefined ? undefined : statistics.total / minutes;
  // Unchanged edges are not even compared: maps of hundreds of them are read every few seconds.
  return useMemo(() => {
    const { source, target, path, arrow, key } = placed;
    const words = [
      `${nodeName(source)} → ${nodeName(target)}`,
      `${formatDuration(averageOf(statistics))} on average`,
      ...(rate === undefined ? [] : [formatRate(rate)]),
      statisticsWords(statistics),
    ];
    const width = edgeWidth(rate ?? statistics.total);
    // SVG tells apart tabindex and tabIndex. Keyboards and screen readers come to calls through the panels of their services.
    return (
      <a
        class={`map-edge${link ? " link" : ""}${isSelected ? " selected" : ""}`}
        data-key={key}
        href={address}
        tabindex={-1}
        aria-hidden="true"
      >
        <title>{words.join("\n")}</title>
        <path class="map-edge-hit" d={path} />
        <path class="map-edge-line" d={path} stroke-width={width} />
        <path class="map-edge-arrow" d={arrow} />
      </a>
    );
  }, [
    placed.path,
    placed.key,
    statistics.total,
    statistics.totalResponseTime,
    statistics.ok,
    statistics.error,
    statistics.throttle,
    rate,
    isSelected,
    address,
  ]);
}

/** Quietly: one pixel more for ten times as many. */
function edgeWidth(aMinute: number): number {
  const width = 1 + 1.15 * Math.log10(1 + Math.max(0, aMinute));
  return Math.round(Math.min(6, width) * 100) / 100;
}
