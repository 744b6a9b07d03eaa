import { batch, signal } from "@preact/signals";
import { describeFailure } from "../api/client";
import { getTraceSummaries, type TraceSummary } from "../api/trace_summaries";
import { boundsOf, type TimeRange } from "../model/time_range";
import { readClock } from "./clock";

/** How many summaries are read before the page asks whether more are wanted. */
export const SUMMARIES_A_STEP = 1000;

/** The list's content: what was read, newest first, and how the last reading went. */
export class TraceListStore {
  readonly summaries = signal<readonly TraceSummary[] | undefined>(undefined);
  readonly failure = signal<string | undefined>(undefined);
  readonly loading = signal(false);
  readonly hasMore = signal(false);

  private limit = SUMMARIES_A_STEP;
  private running: AbortController | undefined;

  constructor(
    private readonly range: TimeRange,
    private readonly filter: string,
  ) {}

  /** Reads again from the newest; what is shown stays until the answer is there. */
  async load(): Promise<void> {
    this.running?.abort();
    const controller = new AbortController();
    this.running = controller;
    this.loading.value = true;
    try {
      const found = await this.read(controller.signal);
      batch(() => {
        this.summaries.value = found.summaries;
        this.hasMore.value = found.hasMore;
        this.failure.value = undefined;
      });
    } catch (error) {
      if (controller.signal.aborted) return;
      this.failure.value = describeFailure(error);
    }
    if (this.running === controller) this.loading.value = false;
  }

  async loadMore(): Promise<void> {
    this.limit += SUMMARIES_A_STEP;
    await this.load();
  }

  stop(): void {
    this.running?.abort();
  }

  private async read(
    abort: AbortSignal,
  ): Promise<{ summaries: readonly TraceSummary[]; hasMore: boolean }> {
    const bounds = boundsOf(this.range, readClock());
    const byId = new Map<string, TraceSummary>();
    let token: string | undefined;
    do {
      const page = await getTraceSummaries(bounds, this.filter, token, abort);
      for (const summary of page.summaries) byId.set(summary.id, summary);
      if (page.nextToken === token) break;
      token = page.nextToken;
    } while (token !== undefined && byId.size < this.limit);
    const summaries = [...byId.values()].sort((a, b) => b.start - a.start);
    return { summaries, hasMore: token !== undefined };
  }
}
