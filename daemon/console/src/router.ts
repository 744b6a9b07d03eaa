import { batch, computed, signal } from "@preact/signals";
import { DEFAULT_TIME_RANGE, parseTimeRange, type TimeRange } from "./model/time_range";

// The addresses of the AWS console, so that links written for it (after the #) work here.

export type Route =
  | {
      readonly page: "map";
      readonly range: TimeRange;
      /** The name of the group whose traces are meant; empty for all traces. */
      readonly group: string;
      /** The node or edge that is looked at: its filter expression. */
      readonly selected: string | undefined;
    }
  | {
      readonly page: "traces";
      readonly range: TimeRange;
      readonly group: string;
      readonly filter: string;
    }
  | { readonly page: "trace"; readonly id: string; readonly selected: string | undefined }
  | { readonly page: "raw"; readonly id: string }
  | { readonly page: "sampling" }
  | { readonly page: "unknown"; readonly address: string };

export function parseRoute(hash: string): Route {
  const address = hash.replace(/^#/, "");
  const [path = "", query = ""] = address.split(/\?(.*)/s);
  const parts = path.split("/").filter((part) => part !== "");
  const parameters = new URLSearchParams(query);
  if (parts.length === 1 && parts[0] === "traces") {
    return {
      page: "traces",
      range: parseTimeRange(parameters.get("timeRange")),
      group: groupNamed(parameters.get("group")),
      filter: parameters.get("filter") ?? "",
    };
  }
  if (parts.length === 0 || (parts.length === 1 && parts[0] === "service-map")) {
    return {
      page: "map",
      range: parseTimeRange(parameters.get("timeRange")),
      group: groupNamed(parameters.get("group")),
      selected: parameters.get("selected") ?? undefined,
    };
  }
  if (parts.length === 1 && parts[0] === "sampling") return { page: "sampling" };
  const id = parts[1];
  if (parts[0] === "traces" && id !== undefined) {
    if (parts.length === 2) {
      return { page: "trace", id, selected: parameters.get("selected") ?? undefined };
    }
    if (parts.length === 3 && parts[2] === "raw") return { page: "raw", id };
  }
  return { page: "unknown", address };
}

/** X-Ray's group Default is every trace. */
function groupNamed(parameter: string | null): string {
  return parameter === null || parameter === "Default" ? "" : parameter;
}

function rangeParameter(range: TimeRange): string {
  const text = range.kind === "between" ? encodeURIComponent(range.text) : range.text;
  return `timeRange=${text.replace("%7E", "~")}`;
}

function optionalParameter(name: string, value: string): string {
  return value === "" ? "" : `${name}=${encodeURIComponent(value)}&`;
}

export function tracesAddress(range: TimeRange, filter = "", group = ""): string {
  const parameters = optionalParameter("filter", filter) + optionalParameter("group", group);
  return `#/traces?${parameters}${rangeParameter(range)}`;
}

export function serviceMapAddress(range: TimeRange, group = "", selected = ""): string {
  const parameters = optionalParameter("selected", selected) + optionalParameter("group", group);
  return `#/service-map?${parameters}${rangeParameter(range)}`;
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

/** Time range and group stay what they are from page to page. */
const lastRange = signal<TimeRange>(DEFAULT_TIME_RANGE);
const lastGroup = signal("");
const lastFilter = signal("");

/** The list as it was last seen, for the way back to it. */
export const lastListAddress = computed(() =>
  tracesAddress(lastRange.value, lastFilter.value, lastGroup.value),
);
/** The map of the same time and group. */
export const lastMapAddress = computed(() => serviceMapAddress(lastRange.value, lastGroup.value));

function follow(): void {
  batch(() => {
    hash.value = location.hash;
    const { value } = route;
    if (value.page !== "traces" && value.page !== "map") return;
    lastRange.value = value.range;
    lastGroup.value = value.group;
    if (value.page === "traces") lastFilter.value = value.filter;
  });
}

export function startRouter(): void {
  addEventListener("hashchange", follow);
  follow();
}

export function goTo(address: string): void {
  location.hash = address;
}

/** Goes there without a step in the history. */
export function goToInstead(address: string): void {
  location.replace(address);
}

/** Changes the address without a step in the history and without a new page. */
export function replaceAddress(address: string): void {
  history.replaceState(null, "", address);
}
