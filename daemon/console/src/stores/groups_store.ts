import { signal } from "@preact/signals";
import { getGroups, type Group } from "../api/groups";

const DEFAULT_GROUP = "Default";

/** The groups there are, but the one of all traces. */
export const groups = signal<readonly Group[]>([]);

let reading: Promise<void> | undefined;

/** Reads them again. Without an answer those known stay: the pages say what is wrong. */
export function readGroups(): Promise<void> {
  reading ??= getGroups(new AbortController().signal)
    .then((found) => {
      groups.value = found.filter(({ name }) => name !== DEFAULT_GROUP);
    })
    .catch(() => undefined)
    .finally(() => {
      reading = undefined;
    });
  return reading;
}
