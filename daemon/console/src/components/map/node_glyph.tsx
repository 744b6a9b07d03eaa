import type { NodeKind } from "../../model/map/map_node";

// In a square of 16 about the middle.
const PATHS: Readonly<Record<NodeKind, string>> = {
  client: "M0 -1.2a3.1 3.1 0 1 0 0 -6.2a3.1 3.1 0 0 0 0 6.2M-6 7c0-4.2 2.6-6 6-6s6 1.8 6 6",
  service: "M-6-5.5h12v4.6h-12zM-6.1 1.1h12v4.6h-12zM-3.4-3.2h.1M-3.4 3.4h.1",
  function: "M-5.5 6.2h1.9L.2-2M-3.4-6.2h1.6c1 0 1.3.5 1.6 1.3l3.9 9.8c.3.8.7 1.3 1.6 1.3h.6",
  database: "M-5.5-4.2c0-1.5 2.4-2.3 5.5-2.3s5.5.8 5.5 2.3S3.1-1.9 0-1.9s-5.5-.8-5.5-2.3zv8.4c0 1.5 2.4 2.3 5.5 2.3s5.5-.8 5.5-2.3v-8.4M-5.5 0c0 1.5 2.4 2.3 5.5 2.3S5.5 1.5 5.5 0",
  storage: "M-6-5.6h12L4.6 6.2h-9.2zM-5.4-1.2h10.8",
  messages: "M-6.2-4.6h12.4v9.2h-12.4zM-6-4.4L0 .8l6-5.2",
  remote: "M0-6.3a6.3 6.3 0 1 0 0 12.6a6.3 6.3 0 0 0 0-12.6zM-6.3 0h12.6M0-6.3c-4.4 4.2-4.4 8.4 0 12.6c4.4-4.2 4.4-8.4 0-12.6",
};

/** What kind of thing a node is, as a small picture above its figures, or alone in its ring. */
export function NodeGlyph({ kind, isAlone }: { kind: NodeKind; isAlone: boolean }) {
  return (
    <path
      class="map-glyph"
      d={PATHS[kind]}
      transform={isAlone ? "scale(1.6)" : "translate(0 -18) scale(.8)"}
    />
  );
}
