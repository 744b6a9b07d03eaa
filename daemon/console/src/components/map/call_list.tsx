import { formatDuration, formatRate } from "../../model/format";
import type { PlacedEdge } from "../../model/map/map_layout";
import { edgeSelector, nodeName } from "../../model/map/map_node";
import { averageOf, ringParts } from "../../model/map/ring";

const MOST = 40;

/** The calls of a node, each a way to the figures of that call. */
export function CallList(props: {
  readonly title: string;
  readonly edges: readonly PlacedEdge[];
  readonly end: "source" | "target";
  readonly minutes: number;
  readonly addressOf: (selector: string) => string;
}) {
  const { title, edges, end, minutes, addressOf } = props;
  if (edges.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <ul class="calls">
        {edges.slice(0, MOST).map((placed) => (
          <li key={placed.key}>
            <a href={addressOf(edgeSelector(placed.source, placed.target))}>
              <span class="calls-name">
                <bdi>{nodeName(placed[end])}</bdi>
              </span>
              <span class="calls-bar" aria-hidden="true">
                {ringParts(placed.edge.statistics).map(({ status, share }) => (
                  <span key={status} class={`status-${status}`} style={{ flexGrow: share * 1000 }} />
                ))}
              </span>
              <span class="number">{formatRate(placed.edge.statistics.total / minutes)}</span>
              <span class="number">{formatDuration(averageOf(placed.edge.statistics))}</span>
            </a>
          </li>
        ))}
      </ul>
      {edges.length > MOST && <p class="note">and {edges.length - MOST} more</p>}
    </section>
  );
}
