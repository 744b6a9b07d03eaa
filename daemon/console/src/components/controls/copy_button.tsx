import { useSignal } from "@preact/signals";

const SHOWN_MS = 1500;

/** Puts text on the clipboard and says so for a moment. */
export function CopyButton({ text, label }: { text: () => string; label: string }) {
  const outcome = useSignal("");
  const copy = async () => {
    outcome.value = (await copied(text())) ? "Copied" : "The browser refused";
    setTimeout(() => {
      outcome.value = "";
    }, SHOWN_MS);
  };
  return (
    <button type="button" class="button" data-stays onClick={() => void copy()}>
      <span aria-live="polite">{outcome.value || label}</span>
    </button>
  );
}

async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedBySelection(text);
  }
}

/** Where a console is not on this machine and without TLS, browsers have no clipboard but this. */
function copiedBySelection(text: string): boolean {
  const before = document.activeElement;
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "sr-only";
  // Beside a dialog nothing can be selected.
  (before?.closest("dialog") ?? document.body).append(field);
  field.select();
  const isDone = document.execCommand("copy");
  field.remove();
  if (before instanceof HTMLElement) before.focus();
  return isDone;
}
