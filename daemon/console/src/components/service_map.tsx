import type { ServiceNode } from "../api/service_graph";
import { serviceFilter } from "../model/filter_text";
import { formatDuration, formatRate } from "../model/format";
import { NODE_RADIUS, type MapLayout, type PlacedEdge, type PlacedNode } from "../model/map_layout";
import { averageOf, ringParts, statisticsWords } from "../model/ring";
import type { TimeRange } from "../model/time_range";
import { visibleLine } from "../model/visible_text";
import { tracesAddress } from "../router";

const RING = NODE_RADIUS - 3;
const AROUND = 2 * Math.PI * RING;

/** Services as rings, calls as arrows. A click on a service leads to its traces. */
export function ServiceMap(props: {
  readonly layout: MapLayout;
  readonly range: TimeRange;
  /** What the figures a minute are divided by. */
  readonly minutes: number;
}) {
  const { layout, range, minutes } = props;
  return (
    <div class="map-frame" tabIndex={0} role="region" aria-label="Service map">
      <svg
        class="service-map"
        width={layout.width}
        height={layout.height}
        viewBox={`0 0 ${layout.width} ${layout.height}`}
      >
        <defs>
          <marker
            id="arrow"
            viewBox="0 0 8 8"
            refX="6"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            orient="auto-start-reverse"
          >
            <path d="M0 .8 7 4 0 7.2Z" class="map-arrow" />
          </marker>
        </defs>
        {layout.edges.map((placed) => (
          <Edge key={placed.key} placed={placed} minutes={minutes} />
        ))}
        {layout.nodes.map((placed) => (
          <Node key={placed.node.id} placed={placed} range={range} minutes={minutes} />
        ))}
      </svg>
    </div>
  );
}

function Edge({ placed, minutes }: { placed: PlacedEdge; minutes: number }) {
  const { source, target, edge, path } = placed;
  const { statistics } = edge;
  const words =
    `${nameOf(source)} to ${nameOf(target)}: ${formatDuration(averageOf(statistics))} on average, ` +
    `${formatRate(statistics.total / minutes)}, ${statisticsWords(statistics)}`;
  return (
    <path class={edge.link ? "map-edge link" : "map-edge"} d={path} marker-end="url(#arrow)">
      <title>{words}</title>
    </path>
  );
}

function Node(props: { placed: PlacedNode; range: TimeRange; minutes: number }) {
  const { node, x, y } = props.placed;
  const { statistics } = node;
  const average = statistics && averageOf(statistics);
  const rate = statistics && statistics.total / props.minutes;
  const words = statistics
    ? `${formatDuration(average)} on average, ${formatRate(rate ?? 0)}, ${statisticsWords(statistics)}`
    : "no figures of its own";
  return (
    <g transform={`translate(${x} ${y})`}>
      <a
        class="map-node"
        href={tracesAddress(props.range, serviceFilter(node.name, node.type))}
        aria-label={`${nameOf(node)}, ${typeWords(node)}: ${words}. Show its traces`}
      >
        <title>{`${nameOf(node)}\n${typeWords(node)}\n${words}`}</title>
        <circle class="map-disc" r={NODE_RADIUS} />
        <circle class="map-ring" r={RING} />
        {statistics &&
          ringParts(statistics).map((part) => (
            <circle
              key={part.status}
              class={`map-ring status-${part.status}`}
              data-share={part.to - part.from}
              r={RING}
              stroke-dasharray={`${(part.to - part.from) * AROUND} ${AROUND}`}
              transform={`rotate(${part.from * 360 - 90})`}
            />
          ))}
        {average === undefined ? (
          <text class="map-figure" dy="0.35em">
            {node.type === "client" ? "client" : "–"}
          </text>
        ) : (
          <>
            <text class="map-figure" dy="-0.1em">
              {formatDuration(average)}
            </text>
            <text class="map-figure small" dy="1.2em">
              {formatRate(rate ?? 0)}
            </text>
          </>
        )}
        <text class="map-name" y={NODE_RADIUS + 18}>
          {visibleLine(node.name, 28)}
        </text>
        <text class="map-type" y={NODE_RADIUS + 33}>
          {visibleLine(node.type || "service", 32)}
        </text>
      </a>
    </g>
  );
}

function nameOf(node: ServiceNode): string {
  return visibleLine(node.name || "(unknown service)", 200);
}

function typeWords(node: ServiceNode): string {
  return visibleLine(node.type || "service", 200);
}
