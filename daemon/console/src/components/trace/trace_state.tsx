import type { TraceStore } from "../../stores/trace_store";
import { FailurePanel } from "../shell/failure_panel";

/** What stands in a trace's place while there is none: reading, failed, not stored. */
export function TraceState({ store }: { store: TraceStore }) {
  const failure = store.failure.value;
  if (failure) {
    return (
      <FailurePanel
        what="The trace could not be read"
        failure={failure}
        retry={() => store.load()}
      />
    );
  }
  if (store.content.value === undefined) return <p class="page-note">Reading the trace …</p>;
  if (store.content.value !== "absent") return null;
  return (
    <section class="panel message">
      <h2>This trace is not stored</h2>
      <p>
        It may be older than what xrayd keeps, not have arrived yet, or belong to another store.
      </p>
      <button type="button" class="button" onClick={() => void store.load()}>
        Look again
      </button>
    </section>
  );
}
