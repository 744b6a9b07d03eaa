// What identifies a node or an edge of the map from one answer to the next, and what it is called.
import type { ServiceEdge, ServiceNode } from "../../api/service_graph";
import { edgeFilter, serviceFilter } from "../traces/filter_text";
import { TYPE_SHARE } from "./map_geometry";
import { cutTo, textWidth } from "./map_text";
import { visibleLine } from "../visible_text";

/** X-Ray tells nodes apart by type, name and account; its numbers change between answers. */
export function nodeKey(node: ServiceNode): string {
  return `${node.type}\n${node.name}\n${node.account}`;
}

export function edgeKey(source: ServiceNode, target: ServiceNode, edge: ServiceEdge): string {
  return `${nodeKey(source)}\n${nodeKey(target)}${edge.link ? "\nlink" : ""}`;
}

/** The filter expression that means this node; it names the node in addresses, too. */
export function nodeSelector(node: ServiceNode): string {
  return serviceFilter(node.name, node.type);
}

export function edgeSelector(source: ServiceNode, target: ServiceNode): string {
  return edgeFilter(source, target);
}

export function isClient(node: ServiceNode): boolean {
  return node.type === "client";
}

/** The whole name, on one line. A client is named by the service that it calls. */
export function nodeName(node: ServiceNode): string {
  const name = visibleLine(node.name || "(unknown service)", 200);
  return isClient(node) ? `Clients of ${name}` : name;
}

export function nodeType(node: ServiceNode): string {
  return visibleLine(node.type || "service", 80);
}

/** The two lines below a ring: of ARNs and URLs what tells them apart, and no more than fits. */
export function nodeLabel(node: ServiceNode, room: number, size: number): { name: string; type: string } {
  // Types are written smaller, and not as bold.
  const typeSize = size * TYPE_SHARE * 0.9;
  if (isClient(node)) {
    return { name: "Clients", type: cutTo(`of ${visibleLine(node.name)}`, room, typeSize) };
  }
  const name = node.name === "" ? "(unknown service)" : visibleLine(lastPart(node.name));
  const type = nodeType(node);
  const short = textWidth(type, typeSize) > room ? type.replace(/^AWS::/, "") : type;
  return { name: cutTo(name, room, size), type: cutTo(short, room, typeSize) };
}

function lastPart(name: string): string {
  const match = /^(?:arn:|https?:\/\/[^/]+\/).*[:/]([^:/]+)$/s.exec(name);
  return match?.[1] ?? name;
}

export type NodeKind =
  | "client"
  | "service"
  | "function"
  | "database"
  | "storage"
  | "messages"
  | "remote";

/** What kind of thing a type is, for its picture. */
export function nodeKind(type: string): NodeKind {
  if (type === "client") return "client";
  if (type === "remote") return "remote";
  if (type.startsWith("AWS::Lambda")) return "function";
  if (/^Database::|DynamoDB|::RDS|rdsdataservice|ElastiCache|Redshift/i.test(type)) return "database";
  if (/::S3\b|::EFS|::ECR/.test(type)) return "storage";
  if (/SQS|SNS|Kinesis|Events|EventBridge|StepFunctions|::SFN/.test(type)) return "messages";
  return "service";
}
