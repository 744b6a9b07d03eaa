import type { ServiceNode, Statistics } from "../../api/service_graph";
import { isClient } from "./map_node";

/** The requests that came from outside: of all clients, and of services whose callers nobody saw. */
export function incomingRequests(services: readonly ServiceNode[]): Statistics {
  const called = new Set(services.flatMap(({ edges }) => edges.map(({ target }) => target)));
  const sum = { ok: 0, error: 0, throttle: 0, fault: 0, total: 0, totalResponseTime: 0 };
  for (const { ok, error, throttle, fault, total, totalResponseTime } of services.flatMap((node) => {
    if (isClient(node)) return node.edges.map(({ statistics }) => statistics);
    return node.statistics && !called.has(node.id) ? [node.statistics] : [];
  })) {
    sum.ok += ok;
    sum.error += error;
    sum.throttle += throttle;
    sum.fault += fault;
    sum.total += total;
    sum.totalResponseTime += totalResponseTime;
  }
  return sum;
}
