import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { MapLayout } from "../../model/map/map_layout";
import { isMoved, partWay } from "../../model/map/map_motion";
import { prefersReducedMotion } from "../../stores/reduced_motion";

const MOVE_MS = 420;
/** More nodes are not followed by any eye, and take longer to draw than a frame. */
const MOST_MOVING = 120;

/** The layout, with nodes that go to another place of the same plan on their way there. */
export function useCalmLayout(layout: MapLayout, plan: number): MapLayout {
  const moving = useSignal<MapLayout | undefined>(undefined);
  const shown = useRef({ layout, plan });
  useLayoutEffect(() => {
    const { layout: from, plan: before } = shown.current;
    shown.current = { layout, plan };
    const isCalm =
      plan !== before ||
      layout.nodes.length > MOST_MOVING ||
      prefersReducedMotion() ||
      document.hidden ||
      !isMoved(from, layout);
    if (isCalm) {
      moving.value = undefined;
      return undefined;
    }
    const draw = (share: number) => {
      moving.value = share < 1 ? partWay(from, layout, share) : undefined;
      shown.current = { layout: moving.value ?? layout, plan };
    };
    const began = performance.now();
    let request = 0;
    const step = (now: number) => {
      const passed = Math.min(1, Math.max(0, (now - began) / MOVE_MS));
      // Begins and ends gently.
      draw(passed * passed * (3 - 2 * passed));
      if (passed < 1) request = requestAnimationFrame(step);
    };
    draw(0);
    request = requestAnimationFrame(step);
    return () => cancelAnimationFrame(request);
  }, [layout, plan]);
  return moving.value ?? layout;
}
