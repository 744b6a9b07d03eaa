import { signal, type ReadonlySignal } from "@preact/signals";

function matches(query: string): ReadonlySignal<boolean> {
  const list = matchMedia(query);
  const value = signal(list.matches);
  list.addEventListener("change", () => {
    value.value = list.matches;
  });
  return value;
}

// The same widths as in the style sheets.

/** Whether the window is as narrow as a phone's. */
export const narrow = matches("(max-width: 720px)");

/** Whether the window has no room for two columns. */
export const oneColumn = matches("(max-width: 1080px)");
