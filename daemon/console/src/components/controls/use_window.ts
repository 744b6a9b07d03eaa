import { useSignal, type ReadonlySignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";

const OVERSCAN = 12;

export interface RowWindow {
  readonly first: number;
  readonly end: number;
}

/** Enough for a browser's window that begins with the first row. */
function topRows(count: number, rowHeight: number): RowWindow {
  return { first: 0, end: Math.min(count, Math.ceil(innerHeight / rowHeight)) };
}

/**
 * Which of `count` rows of equal height lie in the browser's window (and a few beyond), so that
 * only those need elements. `body` is the element that has the rows' full height.
 */
export function useWindow(
  body: RefObject<HTMLElement | null>,
  count: number,
  rowHeight: number,
): ReadonlySignal<RowWindow> {
  const rows = useSignal<RowWindow>(topRows(count, rowHeight));
  useLayoutEffect(() => {
    let frame = 0;
    const show = ({ first, end }: RowWindow) => {
      if (first !== rows.value.first || end !== rows.value.end) rows.value = { first, end };
    };
    const measure = () => {
      frame = 0;
      if (!body.current) return;
      const above = -body.current.getBoundingClientRect().top;
      const top = Math.max(0, Math.floor(above / rowHeight) - OVERSCAN);
      const bottom = Math.ceil((above + innerHeight) / rowHeight) + OVERSCAN;
      const first = Math.min(top, count);
      show({ first, end: Math.max(first, Math.min(count, bottom)) });
    };
    const schedule = () => {
      if (frame === 0) frame = requestAnimationFrame(measure);
    };
    // At the top of the page nothing needs to be measured, which would cost a layout of its own.
    if (scrollY === 0) show(topRows(count, rowHeight));
    else measure();
    addEventListener("scroll", schedule, { passive: true });
    addEventListener("resize", schedule);
    return () => {
      cancelAnimationFrame(frame);
      removeEventListener("scroll", schedule);
      removeEventListener("resize", schedule);
    };
  }, [body, count, rowHeight, rows]);
  return rows;
}
