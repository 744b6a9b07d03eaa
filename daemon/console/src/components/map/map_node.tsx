import { computed, type ReadonlySignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { formatDuration, formatRate } from "../../model/format";
import { NODE_RADIUS } from "../../model/map/map_geometry";
import type { PlacedNode } from "../../model/map/map_layout";
import { isClient, nodeKind, nodeLabel, nodeName, nodeSelector, nodeType } from "../../model/map/map_node";
import { averageOf, ringParts, statisticsWords } from "../../model/map/ring";
import { NodeGlyph } from "./node_glyph";

const RING_WIDTH = 6;
const RING = NODE_RADIUS - RING_WIDTH / 2;
const AROUND = 2 * Math.PI * RING;
/** Between two parts of a ring, and the least that a part is drawn with: one request in a thousand shows. */
const LEAST_SHARE = 0.012;

/** A service: its ring split as its requests ended, its figures inside, its name below. */
export function MapNode(props: {
  readonly placed: PlacedNode;
  readonly nameSize: ReadonlySignal<number>;
  readonly minutes: number | undefined;
  readonly isSelected: boolean;
  /** Where the Tab key enters the map. */
  readonly isEntry: boolean;
  readonly addressOf: (selector: string) => string;
}) {
  const { placed, nameSize, minutes, isSelected, isEntry, addressOf } = props;
  const { node, x, y, key, labelRoom } = placed;
  const { statistics } = node;
  const address = addressOf(nodeSelector(node));
  const average = statistics && averageOf(statistics);
  const rate = statistics && minutes !== undefined ? statistics.total / minutes : undefined;
  // Texts alone change while the map is zoomed.
  const label = useMemo(() => {
    const both = computed(() => nodeLabel(node, labelRoom, nameSize.value));
    return { name: computed(() => both.value.name), type: computed(() => both.value.type) };
  }, [key, labelRoom, nameSize]);
  // Unchanged nodes are not even compared: maps of hundreds of them are read every few seconds.
  // The texts stand beside the link: its name says the same in an order that can be listened to.
  return useMemo(() => {
    const words = [
      ...(average === undefined ? [] : [`${formatDuration(average)} on average`]),
      ...(rate === undefined ? [] : [formatRate(rate)]),
      ...(statistics ? [statisticsWords(statistics)] : []),
    ].join(", ");
    const name = isClient(node) ? nodeName(node) : `${nodeName(node)}, ${nodeType(node)}`;
    return (
      <g transform={`translate(${x} ${y})`}>
        <a
          class={isSelected ? "map-node selected" : "map-node"}
          data-key={key}
          href={address}
          tabindex={isEntry ? 0 : -1}
          aria-label={words === "" ? name : `${name}: ${words}`}
          aria-current={isSelected ? "true" : undefined}
        >
          <title>{words === "" ? name : `${name}\n${words}`}</title>
          <circle class="map-halo" r={NODE_RADIUS + 5} />
          <circle class="map-disc" r={NODE_RADIUS} />
          <circle class="map-ring" r={RING} />
          {statistics &&
            ringParts(statistics, LEAST_SHARE).map((part) => (
              <circle
                key={part.status}
                class={`map-ring status-${part.status}`}
                data-share={part.share}
                r={RING}
                stroke-dasharray={`${((part.to - part.from) * AROUND).toFixed(2)} ${AROUND.toFixed(2)}`}
                transform={`rotate(${(part.from * 360 - 90).toFixed(2)})`}
              />
            ))}
          <NodeGlyph kind={nodeKind(node.type)} isAlone={average === undefined} />
          <rect class="map-label-hit" x="-60" y={NODE_RADIUS + 4} width="120" height="36" />
        </a>
        <g class="map-texts" aria-hidden="true">
          {average !== undefined && (
            <text class="map-figure" y={rate === undefined ? 8 : 4}>
              {formatDuration(average)}
            </text>
          )}
          {rate !== undefined && (
            <text class="map-rate" y="18">
              {formatRate(rate).replace("< ", "<")}
            </text>
          )}
          <text class="map-name" y={NODE_RADIUS + 6}>
            {label.name}
          </text>
          <text class="map-type" y={NODE_RADIUS + 6}>
            {label.type}
          </text>
        </g>
      </g>
    );
  }, [
    x,
    y,
    key,
    label,
    average,
    rate,
    statistics?.total,
    statistics?.ok,
    statistics?.error,
    statistics?.throttle,
    isSelected,
    isEntry,
    address,
  ]);
}
