import { signal } from "@preact/signals";

// The same width as in the style sheets.
const query = matchMedia("(max-width: 720px)");

/** Whether the window is as narrow as a phone's. */
export const narrow = signal(query.matches);

query.addEventListener("change", () => {
  narrow.value = query.matches;
});
