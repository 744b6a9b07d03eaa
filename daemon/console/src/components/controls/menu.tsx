import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** A button that shows further ones below it. A click elsewhere, or Escape, closes it. */
export function Menu({ label, children }: { label: string; children: ComponentChildren }) {
  const menu = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const close = (event: Event) => {
      const { current } = menu;
      if (!current?.open || (event.type === "pointerdown" && inside(current, event))) return;
      if (event instanceof KeyboardEvent) {
        if (event.key !== "Escape") return;
        current.querySelector("summary")?.focus();
      }
      current.open = false;
    };
    document.addEventListener("pointerdown", close);
    document.addEventListener("keydown", close);
    return () => {
      document.removeEventListener("pointerdown", close);
      document.removeEventListener("keydown", close);
    };
  }, []);
  return (
    <details class="menu" ref={menu}>
      <summary class="button">{label}</summary>
      <div
        class="menu-items"
        onClick={(event) => {
          // What answers in its own words stays to be read.
          const stays = event.target instanceof Element && event.target.closest("[data-stays]");
          const { current } = menu;
          if (!current || stays) return;
          // What is hidden cannot have the keyboard, nor get it back from a dialog.
          if (current.contains(document.activeElement)) current.querySelector("summary")?.focus();
          current.open = false;
        }}
      >
        {children}
      </div>
    </details>
  );
}

function inside(element: Element, event: Event): boolean {
  return event.target instanceof Node && element.contains(event.target);
}
