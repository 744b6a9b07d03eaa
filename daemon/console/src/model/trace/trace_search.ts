import { isRecord, recordAt, recordsAt, textAt } from "../json";
import type { TraceNode, TraceTree } from "./trace_tree";

const MOST_CHARACTERS = 4000;

const searched = new WeakMap<TraceNode, string>();

/** What a line is found by: name, ids, address, statement, operation, annotations, exceptions. */
function textOf(node: TraceNode): string {
  const known = searched.get(node);
  if (known !== undefined) return known;
  const { document } = node.entity;
  const http = recordAt(document, "http");
  const aws = recordAt(document, "aws");
  const parts: (string | undefined)[] = [
    node.entity.name,
    node.entity.id,
    node.entity.summary,
    textAt(recordAt(http, "request"), "url"),
    textAt(recordAt(http, "request"), "method"),
    String(recordAt(http, "response")["status"] ?? ""),
    textAt(recordAt(document, "sql"), "sanitized_query"),
    textAt(recordAt(document, "sql"), "url"),
    textAt(aws, "operation"),
    textAt(document, "user"),
    ...Object.entries(recordAt(document, "annotations")).map(([key, value]) =>
      isRecord(value) ? key : `${key}=${String(value)}`,
    ),
    ...recordsAt(recordAt(document, "cause"), "exceptions").flatMap((exception) => [
      textAt(exception, "type"),
      textAt(exception, "message"),
    ]),
  ];
  const text = parts
    .filter((part) => part)
    .map((part) => (part ?? "").slice(0, MOST_CHARACTERS))
    .join("\n")
    .toLowerCase();
  searched.set(node, text);
  return text;
}

/** The lines that have all of the words, in the order of the tree; none for no words. */
export function linesWith(tree: TraceTree, words: string): readonly TraceNode[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return [];
  return tree.nodes.filter((node) => {
    const text = textOf(node);
    return wanted.every((word) => text.includes(word));
  });
}
