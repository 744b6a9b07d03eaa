import { computed, signal } from "@preact/signals";
import { parseTimeRange, type TimeRange } from "./model/time_range";

// The addresses of the AWS console, so that links written for it (after the #) work here.

export type Route =
  | { readonly page: "map"; readonly range: TimeRange }
  | { readonly page: "traces"; readonly range: TimeRange; readonly filter: string }
  | { readonly page: "trace"; readonly id: string; readonly selected: string | undefined }
  | { readonly page: "raw"; readonly id: string }
  | { readonly page: "unknown"; readonly address: string };

export function parseRoute(hash: string): Route {
  const address = hash.replace(/^#/, "");
  const [path = "", query = ""] = address.split(/\?(.*)/s);
  const parts = path.split("/").filter((part) => part !== "");
  const parameters = new URLSearchParams(query);
  if (parts.length === 0 || (parts.length === 1 && parts[0] === "traces")) {
    return {
      page: "traces",
      range: parseTimeRange(parameters.get("timeRange")),
      filter: parameters.get("filter") ?? "",
    };
  }
  if (parts.length === 1 && parts[0] === "service-map") {
    return { page: "map", range: parseTimeRange(parameters.get("timeRange")) };
  }
  const id = parts[1];
  if (parts[0] === "traces" && id !== undefined) {
    if (parts.length === 2) {
      return { page: "trace", id, selected: parameters.get("selected") ?? undefined };
    }
    if (parts.length === 3 && parts[2] === "raw") return { page: "raw", id };
  }
  return { page: "unknown", address };
}

function rangeParameter(range: TimeRange): string {
  const text = range.kind === "between" ? encodeURIComponent(range.text) : range.text;
  return `timeRange=${text.replace("%7E", "~")}`;
}

export function tracesAddress(range: TimeRange, filter = ""): string {
  const parameter = filter === "" ? "" : `filter=${encodeURIComponent(filter)}&`;
  return `#/traces?${parameter}${rangeParameter(range)}`;
}

export function serviceMapAddress(range: TimeRange): string {
  return `#/service-map?${rangeParameter(range)}`;
}

export function traceAddress(id: string, selected?: string): string {
  const query = selected === undefined ? "" : `?selected=${encodeURIComponent(selected)}`;
  return `#/traces/${encodeURIComponent(id)}${query}`;
}

export function rawAddress(id: string): string {
  return `#/traces/${encodeURIComponent(id)}/raw`;
}

const hash = signal("");

export const route = computed(() => parseRoute(hash.value));

/** The list as it was last seen, for the way back to it. */
export const lastListAddress = signal("#/traces");
/** The same of the map. */
export const lastMapAddress = signal("#/service-map");

function follow(): void {
  hash.value = location.hash;
  const { value } = route;
  if (value.page === "traces") lastListAddress.value = tracesAddress(value.range, value.filter);
  if (value.page === "map") lastMapAddress.value = serviceMapAddress(value.range);
}

export function startRouter(): void {
  addEventListener("hashchange", follow);
  follow();
}

export function goTo(address: string): void {
  location.hash = address;
}

/** Changes the address without a step in the history and without a new page. */
export function replaceAddress(address: string): void {
  history.replaceState(null, "", address);
}
