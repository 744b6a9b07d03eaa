import { batch, computed, signal } from "@preact/signals";
import { describeFailure } from "../api/client";
import { getTrace, type StoredTrace } from "../api/traces";
import { buildTraceTree, mayGrow } from "../model/trace/trace_tree";
import { readClock } from "./clock";

type Content = { readonly trace: StoredTrace; readonly readAt: number } | "absent" | undefined;

/** One trace: its documents, the tree made of them, and how the last reading went. */
export class TraceStore {
  readonly content = signal<Content>(undefined);
  readonly failure = signal<string | undefined>(undefined);
  readonly tree = computed(() => {
    const { value } = this.content;
    return value === undefined || value === "absent"
      ? undefined
      : buildTraceTree(value.trace.documents, value.readAt);
  });

  /** More of it may come: it is as young as that. */
  readonly mayGrow = computed(() => {
    const { value } = this.content;
    const tree = this.tree.value;
    return tree !== undefined && value !== undefined && value !== "absent" && mayGrow(tree, value.readAt);
  });

  private running: AbortController | undefined;

  constructor(private readonly id: string) {}

  async load(): Promise<void> {
    this.running?.abort();
    const controller = new AbortController();
    this.running = controller;
    try {
      const trace = await getTrace(this.id, controller.signal);
      batch(() => {
        this.content.value = trace ? { trace, readAt: readClock() } : "absent";
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
