import { batch, signal } from "@preact/signals";
import { describeFailure } from "../api/client";
import { getServiceGraph, type ServiceNode } from "../api/service_graph";
import type { Room } from "../model/map/map_geometry";
import { drawn, type MapLayout, type MapPlan } from "../model/map/map_layout";
import { nodeKey } from "../model/map/map_node";
import { followed, planned } from "../model/map/map_plan";
import { boundsOf, type TimeRange } from "../model/time_range";
import { readClock } from "./clock";

export interface MapContent {
  readonly services: readonly ServiceNode[];
  readonly layout: MapLayout;
  /** The time that the figures are about, in seconds since 1970. */
  readonly bounds: { readonly start: number; readonly end: number };
  /** Another number, another plan: nothing stands where it stood. */
  readonly plan: number;
}

/** The services of a time range and group, where they stand, and how the last reading went. */
export class ServiceMapStore {
  readonly content = signal<MapContent | undefined>(undefined);
  readonly failure = signal<string | undefined>(undefined);
  /** What is shown belongs to another time range or group than was asked for. */
  readonly outdated = signal(false);

  /** Whether the reader has the map in his hand, so that what stands there has to stay for now. */
  isHeld = () => false;

  private range: TimeRange | undefined;
  private group = "";
  private room: Room = "wide";
  private plan: MapPlan | undefined;
  private plans = 0;
  private running: AbortController | undefined;

  /** Another time range or group: a map of its own. What is shown stays until it is there. */
  ask(range: TimeRange, group: string): Promise<void> {
    this.range = range;
    this.group = group;
    this.outdated.value = this.content.value !== undefined;
    return this.read(true);
  }

  /** The same again: everything stays in its place while things come; see `followed`. */
  refresh(): Promise<void> {
    return this.read(false);
  }

  /** What the window has for the map. */
  fitInto(room: Room): void {
    if (room === this.room) return;
    this.room = room;
    this.plan = undefined;
    const { value } = this.content;
    if (value) this.show(value.services, value.bounds);
  }

  /** Plans the map afresh: everything goes where a fresh page would have it. */
  arrange(): void {
    const { value } = this.content;
    if (!value) return;
    this.plan = planned(value.services, this.room);
    this.show(value.services, value.bounds);
  }

  stop(): void {
    this.running?.abort();
  }

  private async read(afresh: boolean): Promise<void> {
    if (!this.range) return;
    this.running?.abort();
    const controller = new AbortController();
    this.running = controller;
    const bounds = boundsOf(this.range, readClock());
    try {
      const services = await getServiceGraph(bounds, this.group, controller.signal);
      if (afresh || this.outdated.value) this.plan = undefined;
      batch(() => {
        this.show(services, bounds);
        this.failure.value = undefined;
        this.outdated.value = false;
      });
    } catch (error) {
      if (!controller.signal.aborted) this.failure.value = describeFailure(error);
    }
  }

  private show(services: readonly ServiceNode[], bounds: MapContent["bounds"]): void {
    const before = this.plan;
    const began = performance.now();
    this.plan = before ? followed(before, services, !this.isHeld()) : planned(services, this.room);
    if (!before || isAnother(before, services)) this.plans += 1;
    const layout = drawn(this.plan, services);
    note(began);
    this.content.value = { services, layout, bounds, plan: this.plans };
  }
}

/** How long the layout took, for whoever looks at the browser's own records; the last one is kept. */
function note(began: number): void {
  performance.clearMeasures("map layout");
  performance.measure("map layout", { start: began, end: performance.now() });
}

function isAnother({ places }: MapPlan, services: readonly ServiceNode[]): boolean {
  return services.filter((node) => places.has(nodeKey(node))).length < services.length / 2;
}
