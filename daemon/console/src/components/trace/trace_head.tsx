import { batchGetTracesCommand } from "../../model/aws_command";
import { formatDuration, formatInstant, plural, splitUrl } from "../../model/format";
import { recordAt, numberAt, textAt } from "../../model/json";
import { traceFile } from "../../model/traces/trace_file";
import type { TraceTree } from "../../model/trace/trace_tree";
import { lastListAddress, rawAddress } from "../../router";
import { download } from "../../stores/download";
import { CopyButton } from "../controls/copy_button";
import { Facts } from "./facts";
import { Menu } from "../controls/menu";
import { StatusMark } from "../controls/status_mark";
import { Text } from "../controls/text";

export function TraceHead(props: {
  readonly id: string;
  readonly tree: TraceTree;
  readonly documents: readonly string[];
}) {
  const { id, tree } = props;
  const root = tree.root?.entity;
  const http = recordAt(root?.document ?? {}, "http");
  const request = recordAt(http, "request");
  const method = textAt(request, "method");
  const url = textAt(request, "url");
  return (
    <div class="trace-head">
      <a class="back" href={lastListAddress.value}>
        ← Traces
      </a>
      <div class="trace-title">
        <h1>
          {method && (
            <span class="method">
              <Text value={method} limit={12} />{" "}
            </span>
          )}
          <Text value={url ? splitUrl(url).path : (root?.name ?? "Empty trace")} limit={160} />
        </h1>
        <div class="page-tools">
          <CopyButton text={() => id} label="Copy ID" />
          <a class="button" href={rawAddress(id)}>
            Raw data
          </a>
          <Menu label="More">
            <CopyButton
              text={() => batchGetTracesCommand(location.origin, id)}
              label="Copy as aws xray command"
            />
            <button
              type="button"
              class="button"
              onClick={() => download(`trace-${id}.jsonl`, traceFile(props.documents))}
            >
              Export as a file
            </button>
          </Menu>
        </div>
      </div>
      <Facts
        rows={[
          ["Status", root && <StatusMark status={root.status} />],
          ["HTTP", numberAt(recordAt(http, "response"), "status")?.toString()],
          ["Duration", tree.inProgress ? "still running" : formatDuration(tree.end - tree.start)],
          ["Service", root && <Text value={root.name} limit={120} />],
          ["Started", formatInstant(root?.start ?? tree.start)],
          [
            "Contains",
            `${plural(tree.segments, "segment")}, ` +
              plural(tree.nodes.length - tree.segments, "subsegment"),
          ],
          ["Trace ID", <span class="id">{id}</span>],
        ]}
      />
    </div>
  );
}
