import { useComputed, useSignal, useSignalEffect, type Signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { nodeTowards, touching } from "../../model/map/map_focus";
import type { MapLayout, PlacedNode } from "../../model/map/map_layout";
import { sceneOf } from "../../model/map/map_scene";
import { NO_INSETS, type Insets } from "../../model/map/map_view";
import { MapCamera } from "./map_camera";
import { MapControls } from "./map_controls";
import { MapEdge } from "./map_edge";
import { MapNode } from "./map_node";
import { useCalmLayout } from "./use_calm_layout";

const PAN_STEP = 120;
const ZOOM_STEP = 1.35;

interface Props {
  readonly layout: MapLayout;
  /** Another number: another map, to be looked at from the beginning. */
  readonly plan?: number;
  /** What the figures a minute are divided by; undefined where there are none. */
  readonly minutes: number | undefined;
  /** Where a click on what an expression selects leads. */
  readonly addressOf: (selector: string) => string;
  /** The key of what is selected. */
  readonly selected?: string | undefined;
  /** What shall stand out: the keys of nodes and edges. */
  readonly spotlight?: ReadonlySet<string> | undefined;
  readonly insets?: Insets;
  readonly onArrange?: () => void;
  /** Takes the key of a node that shall be moved into sight and get the focus. */
  readonly goTo?: Signal<string | undefined>;
  /** Is given what says whether the reader points at something or moves the map: nothing may run away then. */
  readonly holds?: (isHeld: () => boolean) => void;
}

/** Services as rings, calls as arrows, to be moved and zoomed by hand. */
export function ServiceMap(props: Props) {
  const { layout, plan = 0, minutes, addressOf, selected, insets = NO_INSETS, onArrange } = props;
  const camera = useMemo(() => new MapCamera(), []);
  const frame = useRef<HTMLDivElement>(null);
  const world = useRef<SVGGElement>(null);
  const hovered = useSignal<string | undefined>(undefined);
  const current = useSignal<string | undefined>(undefined);

  useEffect(() => {
    if (!frame.current || !world.current) return undefined;
    return camera.attach(frame.current, world.current);
  }, [camera]);
  const calm = useCalmLayout(layout, plan);
  const scene = useMemo(() => sceneOf(layout, selected), [layout, selected]);
  const shown = useRef<number | undefined>(undefined);
  useLayoutEffect(() => {
    camera.show(scene, insets, shown.current !== plan);
    shown.current = plan;
  }, [camera, scene, plan, insets.right, insets.bottom]);
  useEffect(() => camera.showFocus(), [camera, insets.right, insets.bottom, scene.focus === undefined, selected]);
  useEffect(() => {
    props.holds?.(() => camera.isHeld || hovered.value !== undefined);
  }, [camera]);

  const focusNode = (node: PlacedNode) => {
    current.value = node.key;
    camera.reveal(node);
    elementOf(world.current, node.key)?.focus({ preventScroll: true });
  };
  useSignalEffect(() => {
    const key = props.goTo?.value;
    const node = key === undefined ? undefined : layout.nodes.find((one) => one.key === key);
    if (!node || !props.goTo) return;
    props.goTo.value = undefined;
    focusNode(node);
  });

  // Attributes of elements that are there already: drawing them all anew would take longer than
  // a pointer stays on a node.
  const { spotlight } = props;
  const near = useComputed(() => hovered.value);
  useSignalEffect(() => {
    mark(world.current, near.value === undefined ? undefined : touching(layout, near.value), "near");
  });
  useLayoutEffect(() => mark(world.current, spotlight, "lit"), [spotlight, layout]);

  const entry = layout.nodes.find(({ key }) => key === current.value) ?? firstOf(layout.nodes);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const pan = PANS[event.key];
    if (event.shiftKey && pan) {
      camera.panBy(pan[0] * PAN_STEP, pan[1] * PAN_STEP);
    } else if (event.key === "+" || event.key === "=") {
      camera.zoomBy(ZOOM_STEP);
    } else if (event.key === "-") {
      camera.zoomBy(1 / ZOOM_STEP);
    } else if (event.key === "0" || event.key === "f") {
      camera.fit();
    } else {
      const from = layout.nodes.find(({ key }) => key === keyOf(event.target));
      const next = nodeTowards(layout.nodes, from, event.key);
      if (!next) return;
      focusNode(next);
    }
    event.preventDefault();
  };

  return (
    <div
      class="map-frame"
      ref={frame}
      data-detail={camera.detail}
      onKeyDown={onKeyDown}
      onPointerMove={(event) => {
        // Not what the map brings below a pointer that rests.
        if (event.pointerType !== "touch") hovered.value = keyOf(event.target);
      }}
      onPointerLeave={() => {
        hovered.value = undefined;
      }}
      onFocusCapture={(event) => {
        const key = keyOf(event.target);
        if (key !== undefined) current.value = key;
      }}
    >
      <svg class="service-map" role="group" aria-label="Map: arrow keys go from service to service">
        <g ref={world} class="map-world">
          <g>
            {calm.edges.map((placed) => (
              <MapEdge
                key={placed.key}
                placed={placed}
                minutes={minutes}
                isSelected={placed.key === selected}
                addressOf={addressOf}
              />
            ))}
          </g>
          <g class="map-nodes">
            {calm.nodes.map((placed) => (
              <MapNode
                key={placed.key}
                placed={placed}
                nameSize={camera.nameSize}
                minutes={minutes}
                isSelected={placed.key === selected}
                isEntry={placed.key === entry?.key}
                addressOf={addressOf}
              />
            ))}
          </g>
        </g>
      </svg>
      <MapControls
        percent={camera.percent}
        zoomIn={() => camera.zoomBy(ZOOM_STEP)}
        zoomOut={() => camera.zoomBy(1 / ZOOM_STEP)}
        fit={() => camera.fit()}
        arrange={
          onArrange &&
          (() => {
            camera.fit();
            onArrange();
          })
        }
      />
    </div>
  );
}

const PANS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [1, 0],
  ArrowRight: [-1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

/** Who calls first, as a reader would see it. */
function firstOf(nodes: readonly PlacedNode[]): PlacedNode | undefined {
  return nodeTowards(nodes, undefined, "Home");
}

function keyOf(target: EventTarget | null): string | undefined {
  const element = target instanceof Element ? target.closest("[data-key]") : null;
  return element instanceof SVGElement ? element.dataset["key"] : undefined;
}

function elementOf(world: SVGGElement | null, key: string): SVGElement | undefined {
  const elements = world?.querySelectorAll<SVGElement>("[data-key]") ?? [];
  return [...elements].find((element) => element.dataset["key"] === key);
}

/** Marks the elements of `keys`, and the map where there are any, so that all others step back. */
function mark(world: SVGGElement | null, keys: ReadonlySet<string> | undefined, name: string): void {
  if (!world) return;
  if (keys) world.dataset[name] = "";
  else delete world.dataset[name];
  for (const element of world.querySelectorAll<SVGElement>("[data-key]")) {
    if (keys?.has(element.dataset["key"] ?? "")) element.dataset[name] = "";
    else delete element.dataset[name];
  }
}
