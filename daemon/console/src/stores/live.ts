import { signal } from "@preact/signals";

/** Whether pages read again by themselves. Outlives the page on which it was switched. */
export const live = signal(true);
