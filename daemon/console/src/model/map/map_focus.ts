// What belongs to a node or an edge of the map, and which node lies in which direction.
import type { MapLayout, PlacedNode } from "./map_layout";
import { nodeKey } from "./map_node";
import type { Outcome } from "../status";

/** Keys of the node or edge itself, and of what it touches. */
export function touching(layout: MapLayout, key: string): ReadonlySet<string> {
  const near = new Set<string>([key]);
  for (const edge of layout.edges) {
    const [source, target] = [nodeKey(edge.source), nodeKey(edge.target)];
    if (edge.key !== key && source !== key && target !== key) continue;
    near.add(edge.key).add(source).add(target);
  }
  return near;
}

const DIRECTIONS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** The node that a key leads to: the nearest one within the quarter that an arrow points at. */
export function nodeTowards(
  nodes: readonly PlacedNode[],
  from: PlacedNode | undefined,
  key: string,
): PlacedNode | undefined {
  const inOrder = [...nodes].sort((a, b) => a.x - b.x || a.y - b.y);
  if (key === "Home" || (!from && key in DIRECTIONS)) return inOrder[0];
  if (key === "End") return inOrder[inOrder.length - 1];
  const direction = DIRECTIONS[key];
  if (!from || !direction) return undefined;
  const [dx, dy] = direction;
  let best: PlacedNode | undefined;
  let shortest = Infinity;
  for (const node of nodes) {
    const ahead = (node.x - from.x) * dx + (node.y - from.y) * dy;
    const aside = Math.abs((node.x - from.x) * dy) + Math.abs((node.y - from.y) * dx);
    // Columns stand far apart: what is well ahead may lie far aside.
    if (ahead <= 1 || aside > ahead * 2.5) continue;
    const distance = ahead + aside * 1.5;
    if (distance < shortest) [best, shortest] = [node, distance];
  }
  return best;
}

/** Nodes whose name or type has all words of `text` in it: those that begin with it first. */
export function nodesFound(nodes: readonly PlacedNode[], text: string): readonly PlacedNode[] {
  const words = text.toLowerCase().split(/\s+/).filter((word) => word !== "");
  if (words.length === 0) return [];
  const rank = ({ node }: PlacedNode) => (node.name.toLowerCase().startsWith(words[0] ?? "") ? 0 : 1);
  return nodes
    .filter(({ node }) => {
      const searched = `${node.name} ${node.type}`.toLowerCase();
      return words.every((word) => searched.includes(word));
    })
    .sort((a, b) => rank(a) - rank(b) || (a.node.name < b.node.name ? -1 : 1));
}

/** Keys of the nodes and edges where requests ended so. */
export function litBy(layout: MapLayout, outcome: Outcome): ReadonlySet<string> {
  const nodes = layout.nodes.filter(({ node }) => (node.statistics?.[outcome] ?? 0) > 0);
  const edges = layout.edges.filter(({ edge }) => edge.statistics[outcome] > 0);
  return new Set([...nodes, ...edges].map(({ key }) => key));
}
