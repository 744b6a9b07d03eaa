// The calls between the services of an answer, and the order of services.
import type { ServiceEdge, ServiceNode } from "../../api/service_graph";
import { edgeKey } from "./map_node";

export interface Link {
  readonly source: ServiceNode;
  readonly target: ServiceNode;
  readonly edge: ServiceEdge;
}

/** Edges with both their ends; those to nowhere are left out. */
export function linksOf(services: readonly ServiceNode[]): readonly Link[] {
  const known = new Map(services.map((node) => [node.id, node]));
  return services.flatMap((source) =>
    source.edges.flatMap((edge) => {
      const target = known.get(edge.target);
      return target ? [{ source, target, edge }] : [];
    }),
  );
}

export function linkKey({ source, target, edge }: Link): string {
  return edgeKey(source, target, edge);
}

/** The same order whatever order the answer has. */
export function byName(a: ServiceNode, b: ServiceNode): number {
  const first = `${a.name}\n${a.type}\n${a.account}`;
  const second = `${b.name}\n${b.type}\n${b.account}`;
  return first < second ? -1 : first > second ? 1 : a.id - b.id;
}

const READING = new Intl.Collator("en", { numeric: true });

/** "worker-2" before "worker-10"; for all who look alike the same everywhere. */
export function asReadersCount(a: ServiceNode, b: ServiceNode): number {
  return READING.compare(a.name, b.name) || byName(a, b);
}
