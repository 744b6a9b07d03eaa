import { recordsAt } from "../model/json";
import { callXray } from "./client";
import { readNode, type ServiceNode } from "./service_graph";

/** The services of one trace. */
export async function getTraceGraph(
  id: string,
  signal: AbortSignal,
): Promise<readonly ServiceNode[]> {
  const answer = await callXray("GetTraceGraph", "/TraceGraph", { TraceIds: [id] }, signal);
  return recordsAt(answer, "Services").map(readNode);
}
