import { batch, signal } from "@preact/signals";
import { describeFailure } from "../api/client";
import { getTail } from "../api/tail";
import { getTraceSummaries, type TraceSummary } from "../api/trace_summaries";
import { boundsOf, type TimeRange } from "../model/time_range";
import { readClock } from "./clock";

/** How many summaries are read before the page asks whether more are wanted. */
export const SUMMARIES_A_STEP = 1000;
/** A list that so many traces have come to since it was read begins anew. */
const MOST_FOLLOWED = 20_000;
/** What is hard to find is shown bit by bit, but not so often that nobody can read it. */
const SHOW_MS = 500;

type Bounds = { readonly start: number; readonly end: number };

/** The list's content: what was read, newest first, and how the last reading went. */
export class TraceListStore {
  readonly summaries = signal<readonly TraceSummary[] | undefined>(undefined);
  readonly failure = signal<string | undefined>(undefined);
  readonly loading = signal(false);
  readonly hasMore = signal(false);
  /** How many traces were looked at for what is shown, and for what is still being read. */
  readonly scanned = signal(0);
  /** Traces that have come while the list was held still. */
  readonly held = signal(0);

  private byId: ReadonlyMap<string, TraceSummary> = new Map();
  private heldById: ReadonlyMap<string, TraceSummary> = new Map();
  /** How many were asked for and found; the others came by themselves. */
  private read = 0;
  private bounds: Bounds;
  private next: string | undefined;
  private cursor: string | undefined;
  private running: AbortController | undefined;

  constructor(
    private readonly range: TimeRange,
    private readonly filter: string,
    private readonly group: string,
  ) {
    this.bounds = boundsOf(range, readClock());
  }

  /** Reads again from the newest; what is shown stays until the answer is there. */
  async load(): Promise<void> {
    await this.run(async (signal) => {
      this.bounds = boundsOf(this.range, readClock());
      this.next = undefined;
      this.scanned.value = 0;
      const found = new Map<string, TraceSummary>();
      await this.readOn(found, SUMMARIES_A_STEP, this.summaries.value === undefined, signal);
      this.heldById = new Map();
      return found;
    });
  }

  async loadMore(): Promise<void> {
    if (this.next === undefined) return;
    await this.run(async (signal) => {
      const found = new Map(this.byId);
      await this.readOn(found, found.size + SUMMARIES_A_STEP, true, signal);
      return found;
    });
  }

  /**
   * Asks what has come or changed. Where `still`, the list keeps its lines: what is new is counted
   * until it is released.
   */
  async follow(still: boolean): Promise<void> {
    if (this.loading.value || this.summaries.value === undefined) return;
    const controller = new AbortController();
    this.running = controller;
    try {
      const known = this.cursor !== undefined;
      const answer = await getTail(this.cursor, this.filter, this.group, controller.signal);
      this.cursor = answer.cursor;
      if ((answer.gap && known && !still) || this.byId.size > this.read + MOST_FOLLOWED) {
        await this.load();
        return;
      }
      if (answer.summaries.length > 0) this.merge(answer.summaries, still);
      this.failure.value = undefined;
    } catch (error) {
      if (!controller.signal.aborted) this.failure.value = describeFailure(error);
    }
  }

  /** Shows what has come while the list was held still. */
  release(): void {
    const { heldById } = this;
    this.heldById = new Map();
    this.show(new Map([...heldById, ...this.byId]));
  }

  stop(): void {
    this.running?.abort();
  }

  /** Shows what `find` found. */
  private async run(
    find: (signal: AbortSignal) => Promise<ReadonlyMap<string, TraceSummary>>,
  ): Promise<void> {
    this.running?.abort();
    const controller = new AbortController();
    this.running = controller;
    this.loading.value = true;
    try {
      const found = await find(controller.signal);
      this.read = found.size;
      batch(() => {
        this.show(found);
        this.failure.value = undefined;
        this.loading.value = false;
      });
    } catch (error) {
      if (controller.signal.aborted) return;
      batch(() => {
        this.failure.value = describeFailure(error);
        this.loading.value = false;
      });
    }
  }

  /** Until there are so many or no more; what is found is shown meanwhile if that is wanted. */
  private async readOn(
    into: Map<string, TraceSummary>,
    wanted: number,
    showing: boolean,
    signal: AbortSignal,
  ): Promise<void> {
    let shown = -Infinity;
    for (;;) {
      await this.readPage(into, wanted - into.size, signal);
      if (this.next === undefined || into.size >= wanted) return;
      if (showing && into.size > 0 && performance.now() - shown > SHOW_MS) {
        shown = performance.now();
        this.show(new Map(into));
      }
    }
  }

  private async readPage(
    into: Map<string, TraceSummary>,
    most: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { bounds, filter, group, next } = this;
    const page = await getTraceSummaries(bounds, filter, group, most, next, signal);
    for (const summary of page.summaries) into.set(summary.id, summary);
    this.next = page.next === next ? undefined : page.next;
    this.scanned.value += page.scanned;
  }

  private merge(summaries: readonly TraceSummary[], still: boolean): void {
    const byId = new Map(this.byId);
    const added = new Map<string, TraceSummary>();
    for (const summary of summaries) {
      if (byId.has(summary.id)) byId.set(summary.id, summary);
      else if (summary.start >= this.bounds.start) added.set(summary.id, summary);
    }
    // New ones stand before those of the same second.
    if (still) this.heldById = new Map([...added, ...this.heldById]);
    this.show(still ? byId : new Map([...added, ...byId]));
  }

  private show(byId: ReadonlyMap<string, TraceSummary>): void {
    this.byId = byId;
    // Of a range that goes on its older end goes on too; the other was the daemon's to judge.
    const start = this.range.kind === "last" ? boundsOf(this.range, readClock()).start : -Infinity;
    batch(() => {
      this.summaries.value = [...byId.values()]
        .filter((summary) => summary.start >= start)
        .sort((a, b) => b.start - a.start);
      this.hasMore.value = this.next !== undefined;
      this.held.value = this.heldById.size;
    });
  }
}
