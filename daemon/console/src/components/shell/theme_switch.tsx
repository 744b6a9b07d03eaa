import { chooseTheme, theme, THEMES, type Theme } from "../../stores/theme";

const WORDS: Readonly<Record<Theme, string>> = {
  system: "as the system",
  light: "light",
  dark: "dark",
};

const PICTURES: Readonly<Record<Theme, string>> = {
  system: "M2.5 3.5h11v7.5h-11zM6 13.5h4M8 11v2.5",
  light:
    "M8 5.2a2.8 2.8 0 1 0 0 5.6a2.8 2.8 0 0 0 0-5.6M8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9",
  dark: "M13 9.7A5.5 5.5 0 0 1 6.3 3a5.5 5.5 0 1 0 6.7 6.7z",
};

/** Light, dark, or whatever the system says. */
export function ThemeSwitch() {
  const chosen = theme.value;
  const next = THEMES[(THEMES.indexOf(chosen) + 1) % THEMES.length] ?? "system";
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={`Colours: ${WORDS[chosen]}. Change to ${WORDS[next]}`}
      title={`Colours: ${WORDS[chosen]}`}
      onClick={() => chooseTheme(next)}
    >
      <svg viewBox="0 0 16 16" width="16" height="16" class="icon" aria-hidden="true">
        <path d={PICTURES[chosen]} />
      </svg>
    </button>
  );
}
