import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { describeFailure } from "../../api/client";
import { traceSummariesCommand } from "../../model/aws_command";
import { withGroup } from "../../model/traces/filter_terms";
import { plural } from "../../model/format";
import { boundsOf, type TimeRange } from "../../model/time_range";
import { readClock } from "../../stores/clock";
import { exportTraces } from "../../stores/trace_export";
import { CopyButton } from "../controls/copy_button";
import { Menu } from "../controls/menu";
import { Text } from "../controls/text";

/** What else can be done with the list. */
export function TraceListMenu(props: {
  readonly range: TimeRange;
  readonly filter: string;
  readonly group: string;
  readonly ids: readonly string[];
  readonly take: (files: readonly File[]) => void;
  readonly clear: () => void;
}) {
  const { range, filter, group, ids } = props;
  const input = useRef<HTMLInputElement>(null);
  const failure = useSignal("");
  const exported = useSignal<{ readonly read: number; readonly of: number } | undefined>(undefined);
  const command = () =>
    traceSummariesCommand(
      location.origin,
      boundsOf(range, readClock()),
      withGroup(filter, group),
    );
  const save = () => {
    failure.value = "";
    exported.value = { read: 0, of: ids.length };
    exportTraces(ids, (read) => {
      exported.value = { read, of: ids.length };
    })
      .catch((error: unknown) => {
        failure.value = describeFailure(error);
      })
      .finally(() => {
        exported.value = undefined;
      });
  };
  return (
    <>
      <Menu label="More">
        <CopyButton text={command} label="Copy as aws xray command" />
        <button
          type="button"
          class="button"
          disabled={ids.length === 0 || exported.value !== undefined}
          onClick={save}
        >
          Export {plural(ids.length, "trace")}
        </button>
        <button type="button" class="button" onClick={() => input.current?.click()}>
          Import traces …
        </button>
        <button type="button" class="button" onClick={props.clear}>
          Clear the store …
        </button>
      </Menu>
      <input
        ref={input}
        type="file"
        hidden
        multiple
        accept=".jsonl,.ndjson,.json"
        aria-label="Trace files"
        onChange={(event) => {
          const { files } = event.currentTarget;
          if (files && files.length > 0) props.take([...files]);
          event.currentTarget.value = "";
        }}
      />
      {exported.value !== undefined && (
        <p class="toast late">
          Exporting: {exported.value.read.toLocaleString("en")} of{" "}
          {plural(exported.value.of, "trace")} read
        </p>
      )}
      {failure.value && (
        <div class="toast" role="alert">
          <Text value={failure.value} limit={300} />{" "}
          <button
            type="button"
            class="link-button"
            onClick={() => {
              failure.value = "";
            }}
          >
            Close
          </button>
        </div>
      )}
    </>
  );
}
