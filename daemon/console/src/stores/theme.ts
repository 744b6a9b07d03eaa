import { effect, signal } from "@preact/signals";

/** "system" follows the machine's choice of light or dark. */
export type Theme = "system" | "light" | "dark";
export const THEMES: readonly Theme[] = ["system", "light", "dark"];

const KEY = "xrayd-theme";

/** Storage may be forbidden; then the choice lasts as long as the page. */
function remembered(): Theme {
  try {
    const value = localStorage.getItem(KEY);
    return value === "light" || value === "dark" ? value : "system";
  } catch {
    return "system";
  }
}

export const theme = signal<Theme>(remembered());

export function chooseTheme(chosen: Theme): void {
  theme.value = chosen;
  try {
    if (chosen === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, chosen);
  } catch {
    // See above.
  }
}

/** Keeps the document's `data-theme`, which the style sheets look at. */
export function followTheme(): void {
  effect(() => {
    if (theme.value === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme.value;
  });
  // Another window's choice.
  addEventListener("storage", (event) => {
    if (event.key === KEY || event.key === null) theme.value = remembered();
  });
}
