// What the panel beside the map is about: a node with its calls, or one call.
import type { HistogramEntry, Statistics } from "../../api/service_graph";
import type { MapLayout, PlacedEdge } from "./map_layout";
import { edgeSelector, isClient, nodeKey, nodeKind, nodeName, nodeSelector, nodeType, type NodeKind } from "./map_node";

export interface Subject {
  /** Of the node or edge on the map. */
  readonly key: string;
  /** The node's, or the caller's. */
  readonly kind: NodeKind;
  readonly name: string;
  /** The node's type, or what the edge is. */
  readonly type: string;
  /** Means its requests in filter expressions. */
  readonly selector: string;
  readonly statistics: Statistics | undefined;
  readonly responseTimes: readonly HistogramEntry[];
  readonly callers: readonly PlacedEdge[];
  readonly calls: readonly PlacedEdge[];
}

/** What an address selects; undefined where the map does not have it. */
export function subjectOf(layout: MapLayout, selector: string): Subject | undefined {
  const placed = layout.nodes.find(({ node }) => nodeSelector(node) === selector);
  if (!placed) {
    const edge = layout.edges.find(({ source, target }) => edgeSelector(source, target) === selector);
    return edge && subjectOfEdge(edge);
  }
  const { node, key } = placed;
  const calls = layout.edges.filter(({ source }) => nodeKey(source) === key);
  // Clients have no figures of their own; those of their one call say the same.
  const call = isClient(node) ? calls[0] : undefined;
  return {
    key,
    kind: nodeKind(node.type),
    name: nodeName(node),
    type: nodeType(node),
    selector: call ? edgeSelector(call.source, call.target) : nodeSelector(node),
    statistics: call ? call.edge.statistics : node.statistics,
    responseTimes: call ? call.edge.responseTimes : node.responseTimes,
    callers: byRequests(layout.edges.filter(({ target }) => nodeKey(target) === key)),
    calls: byRequests(calls),
  };
}

function subjectOfEdge(placed: PlacedEdge): Subject {
  const { source, target, edge, key } = placed;
  return {
    key,
    kind: nodeKind(target.type),
    name: `${nodeName(source)} → ${nodeName(target)}`,
    type: edge.link ? "link to another trace" : "calls as the caller saw them",
    selector: edgeSelector(source, target),
    statistics: edge.statistics,
    responseTimes: edge.responseTimes,
    callers: [],
    calls: [],
  };
}

function byRequests(edges: readonly PlacedEdge[]): readonly PlacedEdge[] {
  return [...edges].sort((a, b) => b.edge.statistics.total - a.edge.statistics.total);
}
