import { plural } from "../../model/format";
import { normalTraceId } from "../../model/trace_id";
import { traceAddress } from "../../router";
import { importOutcome } from "../../stores/trace_import";
import { Text } from "../controls/text";

/** What became of the files that were dropped. */
export function ImportOutcomePanel() {
  const { value } = importOutcome;
  if (value === undefined) return null;
  if (value === "running") {
    return (
      <section class="panel failure" role="status">
        <p>Importing …</p>
      </section>
    );
  }
  const first = normalTraceId(value.traceIds[0] ?? "");
  return (
    <section class="panel failure" role="status">
      <div>
        <h2>
          {value.segments > 0
            ? `${plural(value.segments, "segment")} of ${plural(value.traceIds.length, "trace")} imported`
            : "Nothing was imported"}
        </h2>
        {(value.refused > 0 || value.message !== "") && (
          <p>
            {value.refused > 0 && `${plural(value.refused, "part")} not taken: `}
            <Text value={value.message} limit={300} />
          </p>
        )}
      </div>
      <div class="page-tools">
        {first !== undefined && value.segments > 0 && (
          <a class="button" href={traceAddress(first)}>
            Open {value.traceIds.length > 1 ? "the first" : "it"}
          </a>
        )}
        <button
          type="button"
          class="button"
          onClick={() => {
            importOutcome.value = undefined;
          }}
        >
          Close
        </button>
      </div>
    </section>
  );
}
