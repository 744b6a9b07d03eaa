import { signal } from "@preact/signals";

function seconds(): number {
  return Date.now() / 1000;
}

/** Now, in seconds since the epoch, as often as ages on the page need it. */
export const now = signal(seconds());

setInterval(() => {
  if (!document.hidden) now.value = seconds();
}, 1000);

export function readClock(): number {
  return seconds();
}
