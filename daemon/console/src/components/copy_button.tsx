import { useSignal } from "@preact/signals";

const SHOWN_MS = 1500;

/** Puts text on the clipboard and says so for a moment. */
export function CopyButton({ text, label }: { text: () => string; label: string }) {
  const outcome = useSignal("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text());
      outcome.value = "Copied";
    } catch {
      outcome.value = "The browser refused";
    }
    setTimeout(() => {
      outcome.value = "";
    }, SHOWN_MS);
  };
  return (
    <button type="button" class="button" onClick={() => void copy()}>
      <span aria-live="polite">{outcome.value || label}</span>
    </button>
  );
}
