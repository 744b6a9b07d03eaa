import { computed, signal } from "@preact/signals";
import type { ServiceNode } from "../api/service_graph";
import { getTraceGraph } from "../api/trace_graph";
import { layOut } from "../model/map/map_plan";
import { narrow } from "./narrow";

/** The services of one trace and where they stand. Without an answer there is simply no map. */
export class TraceGraphStore {
  /** Undefined until there is an answer. */
  readonly services = signal<readonly ServiceNode[] | undefined>(undefined);
  readonly layout = computed(() =>
    layOut(this.services.value ?? [], narrow.value ? "narrowBand" : "band"),
  );

  private running: AbortController | undefined;

  constructor(private readonly id: string) {}

  async load(): Promise<void> {
    this.running?.abort();
    const controller = new AbortController();
    this.running = controller;
    try {
      this.services.value = await getTraceGraph(this.id, controller.signal);
    } catch {
      // The page has told already why the trace can't be read.
      if (!controller.signal.aborted) this.services.value ??= [];
    }
  }

  stop(): void {
    this.running?.abort();
  }
}
