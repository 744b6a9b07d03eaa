import { batch, signal } from "@preact/signals";
import { describeFailure } from "../api/client";
import { getFacets, type Facets } from "../api/facets";
import { boundsOf, type TimeRange } from "../model/time_range";
import { readClock } from "./clock";

/** What the traces of a list have in common. */
export class FacetsStore {
  readonly facets = signal<Facets | undefined>(undefined);
  readonly failure = signal<string | undefined>(undefined);

  private running: AbortController | undefined;

  constructor(
    private readonly range: TimeRange,
    private readonly filter: string,
    private readonly group: string,
  ) {}

  /** What is shown stays until the answer is there. */
  async load(): Promise<void> {
    this.running?.abort();
    const controller = new AbortController();
    this.running = controller;
    const bounds = boundsOf(this.range, readClock());
    try {
      const facets = await getFacets(bounds, this.filter, this.group, controller.signal);
      batch(() => {
        this.facets.value = facets;
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
