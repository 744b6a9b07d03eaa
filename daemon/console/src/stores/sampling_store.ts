import { batch, computed, signal } from "@preact/signals";
import { describeFailure } from "../api/client";
import { getSamplingRules, getSamplingWindows } from "../api/sampling";
import { countsByRule } from "../model/sampling/sampling_counts";
import type { SamplingRule, SamplingWindow } from "../model/sampling/sampling_rule";
import { readClock } from "./clock";

interface Content {
  readonly rules: readonly SamplingRule[];
  readonly windows: readonly SamplingWindow[];
  readonly readAt: number;
}

/** The sampling rules, what samplers report of them, and how the last reading went. */
export class SamplingStore {
  readonly content = signal<Content | undefined>(undefined);
  readonly failure = signal<string | undefined>(undefined);
  readonly counts = computed(() => {
    const { value } = this.content;
    return countsByRule(value?.windows ?? [], value?.readAt ?? 0);
  });

  private running: AbortController | undefined;

  async load(): Promise<void> {
    this.running?.abort();
    const controller = new AbortController();
    this.running = controller;
    try {
      const [rules, windows] = await Promise.all([
        getSamplingRules(controller.signal),
        getSamplingWindows(controller.signal),
      ]);
      batch(() => {
        this.content.value = { rules, windows, readAt: readClock() };
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
