import { goTo, lastListAddress, lastMapAddress } from "../../router";
import { isKeyHelpOpen } from "./key_help";

/** How long the second key of two may be waited for. */
const PAIR_MS = 1200;

let first = "";
let pressedAt = 0;

/** The keys that work on every page, but never while somebody writes. */
export function listenToPageKeys(): void {
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isWriting(event.target) || isKeyHelpOpen.value) return;
    const pair = performance.now() - pressedAt < PAIR_MS ? first + event.key : event.key;
    first = event.key;
    pressedAt = performance.now();
    if (event.key === "?") isKeyHelpOpen.value = true;
    else if (event.key === "/") {
      const search = document.querySelector<HTMLInputElement>("main :is(input[type=search], input[role=combobox])");
      if (!search) return;
      search.focus();
      search.select();
    } else if (pair === "gm") goTo(lastMapAddress.value);
    else if (pair === "gt") goTo(lastListAddress.value);
    else if (pair === "gs") goTo("#/sampling");
    else return;
    event.preventDefault();
  });
}

function isWriting(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName))
  );
}
