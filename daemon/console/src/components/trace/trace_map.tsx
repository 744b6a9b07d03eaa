import { useEffect, useLayoutEffect, useMemo } from "preact/hooks";
import type { ServiceNode } from "../../api/service_graph";
import { nodeSelector } from "../../model/map/map_node";
import { DEFAULT_TIME_RANGE } from "../../model/time_range";
import type { TraceNode, TraceTree } from "../../model/trace/trace_tree";
import { traceAddress, tracesAddress } from "../../router";
import { TraceGraphStore } from "../../stores/trace_graph_store";
import { ServiceMap } from "../map/service_map";

/**
 * The services that a trace went through; a click leads to the line of the service. `readAt`
 * changes when the trace was read again.
 */
export function TraceMap(props: {
  readonly id: string;
  readonly tree: TraceTree;
  readonly readAt: number;
}) {
  const { id, tree, readAt } = props;
  const store = useMemo(() => new TraceGraphStore(id), [id]);
  useLayoutEffect(() => {
    void store.load();
  }, [store, readAt]);
  useEffect(() => () => store.stop(), [store]);
  const services = store.services.value;
  const lines = useMemo(() => linesOf(services ?? [], tree), [services, tree]);
  if (services?.length === 0) return null;
  return (
    <details class="panel trace-map" open>
      <summary>Map</summary>
      {services === undefined ? (
        // What stands below the map shall not move when it comes.
        <div class="map-frame" />
      ) : (
        <ServiceMap
          layout={store.layout.value}
          minutes={undefined}
          addressOf={(selector) => {
            const line = lines.get(selector);
            return line ? traceAddress(id, line.key) : tracesAddress(DEFAULT_TIME_RANGE, selector);
          }}
        />
      )}
    </details>
  );
}

/** The first line of each service: of those that do not report, the call. */
function linesOf(
  services: readonly ServiceNode[],
  tree: TraceTree,
): ReadonlyMap<string, TraceNode> {
  const segments = new Map<string, TraceNode>();
  const calls = new Map<string, TraceNode>();
  for (const node of tree.nodes) {
    const { kind, name, summary } = node.entity;
    const names = kind === "segment" ? segments : calls;
    // What an AWS client calls is named by its resource: "GetItem reservations".
    for (const key of [name, summary.split(" ").pop() ?? ""]) {
      if (!names.has(key)) names.set(key, node);
    }
  }
  const lines = new Map<string, TraceNode>();
  for (const service of services) {
    const line = segments.get(service.name) ?? calls.get(service.name);
    if (line) lines.set(nodeSelector(service), line);
  }
  return lines;
}
