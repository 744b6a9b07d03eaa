import { batch, signal } from "@preact/signals";
import { describeFailure } from "../api/client";
import { getServiceHistory, type HistoryRow } from "../api/service_history";
import { periodFor } from "../model/map/service_history";
import { readClock } from "./clock";

interface Bounds {
  readonly start: number;
  readonly end: number;
}

/** The API takes no longer expressions. */
const LONGEST_SELECTOR = 500;
/** Seconds between two readings of a range of this many seconds. */
const PATIENCE = 1 / 1200;

/** The figures of one node or edge over time. */
export class ServiceHistoryStore {
  readonly rows = signal<readonly HistoryRow[] | undefined>(undefined);
  readonly failure = signal<string | undefined>(undefined);

  private running: AbortController | undefined;
  private asked = -Infinity;

  constructor(
    private readonly selector: string,
    private readonly group: string,
  ) {}

  /** Reads again; long ranges, which change slowly and cost much, less often than short ones. */
  async load(bounds: Bounds): Promise<void> {
    if (this.selector.length > LONGEST_SELECTOR) {
      this.failure.value = "The name is too long for X-Ray to be asked for its history.";
      return;
    }
    const seconds = bounds.end - bounds.start;
    if (this.rows.value && readClock() - this.asked < seconds * PATIENCE) return;
    this.asked = readClock();
    this.running?.abort();
    const controller = new AbortController();
    this.running = controller;
    const question = { ...bounds, selector: this.selector, group: this.group, period: periodFor(seconds) };
    try {
      const rows = await getServiceHistory(question, controller.signal);
      batch(() => {
        this.rows.value = rows;
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
