import type { TraceNode } from "../../model/trace/trace_tree";

export type Move =
  | { readonly kind: "go"; readonly node: TraceNode }
  | { readonly kind: "collapse" | "expand"; readonly node: TraceNode };

const PAGE = 10;

/** What a key does in the tree: up and down walk the lines, left and right close and open them. */
export function timelineMove(
  key: string,
  rows: readonly TraceNode[],
  selectedIndex: number,
  collapsed: ReadonlySet<string>,
): Move | undefined {
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: selectedIndex + 1,
    ArrowUp: Math.max(0, selectedIndex - 1),
    PageDown: selectedIndex + PAGE,
    PageUp: Math.max(0, selectedIndex - PAGE),
    Home: 0,
    End: rows.length - 1,
  };
  const step = steps[key];
  if (step !== undefined) return goTo(rows[Math.min(step, rows.length - 1)]);
  const node = rows[selectedIndex];
  if (!node) return undefined;
  const isOpen = node.children.length > 0 && !collapsed.has(node.key);
  if (key === "ArrowRight") {
    if (isOpen) return goTo(node.children[0]);
    return node.children.length > 0 ? { kind: "expand", node } : undefined;
  }
  if (key === "ArrowLeft") return isOpen ? { kind: "collapse", node } : goTo(node.parent);
  return undefined;
}

function goTo(node: TraceNode | undefined): Move | undefined {
  return node && { kind: "go", node };
}
