import { batch, computed, signal } from "@preact/signals";
import { describeFailure } from "../api/client";
import { getServiceGraph, type ServiceNode } from "../api/service_graph";
import { layOut } from "../model/map_layout";
import { boundsOf, type TimeRange } from "../model/time_range";
import { readClock } from "./clock";

interface Content {
  readonly services: readonly ServiceNode[];
  /** The time that the figures are about. */
  readonly seconds: number;
}

/** The services of a time range, where they stand, and how the last reading went. */
export class ServiceMapStore {
  readonly content = signal<Content | undefined>(undefined);
  readonly failure = signal<string | undefined>(undefined);
  readonly layout = computed(() => layOut(this.content.value?.services ?? []));

  private running: AbortController | undefined;

  constructor(private readonly range: TimeRange) {}

  /** What is shown stays until the answer is there. */
  async load(): Promise<void> {
    this.running?.abort();
    const controller = new AbortController();
    this.running = controller;
    const bounds = boundsOf(this.range, readClock());
    try {
      const services = await getServiceGraph(bounds, controller.signal);
      batch(() => {
        this.content.value = { services, seconds: bounds.end - bounds.start };
        this.failure.value = undefined;
      });
    } catch (error) {
      if (!controller.signal.aborted) this.failure.value = describeFailure(error);
    }
  }

  stop(): void {
    this.running?.abort();
  }
}
