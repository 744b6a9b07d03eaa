import { durationOf, type Entity } from "../../model/trace/entity";
import { formatDuration, formatInstant } from "../../model/format";
import { numberAt, prettyJson, recordAt, textAt, type JsonRecord } from "../../model/json";
import { selfTimeOf } from "../../model/trace/self_time";
import { STATUS_WORDS } from "../../model/status";
import { readLinks } from "../../model/trace/trace_links";
import type { TraceNode, TraceTree } from "../../model/trace/trace_tree";
import { visibleLine } from "../../model/visible_text";
import { traceAddress } from "../../router";
import { CopyButton } from "../controls/copy_button";
import { Exceptions } from "./exceptions";
import { Facts, Members } from "./facts";
import { JsonTree } from "./json_tree";
import { StatusMark } from "../controls/status_mark";
import { Text, TextBlock } from "../controls/text";

interface DetailsProps {
  readonly tree: TraceTree;
  readonly node: TraceNode;
  readonly select: (node: TraceNode) => void;
}

/** Everything that is known about the selected line. */
export function Details(props: DetailsProps) {
  const { entity } = props.node;
  const { document } = entity;
  return (
    <aside class="panel details" aria-label="Details">
      <header>
        <p class="kind">{entity.kind === "segment" ? "Segment" : "Subsegment"}</p>
        <h2>
          <Text value={entity.name} limit={200} />
        </h2>
        <StatusMark status={entity.status} />
      </header>
      <Exceptions {...props} />
      <Overview {...props} />
      <Http document={document} />
      <Sql document={document} />
      <MembersSection title="Annotations" record={recordAt(document, "annotations")} />
      <Metadata document={document} />
      <MembersSection title="Resources" record={recordAt(document, "aws")} />
      <MembersSection title="Service" record={recordAt(document, "service")} />
      <Links document={document} />
      <Raw entity={entity} />
    </aside>
  );
}

function Overview({ node, tree }: DetailsProps) {
  const { entity, parent, callerMissing } = node;
  const { document } = entity;
  const text = (key: string) => shown(textAt(document, key));
  return (
    <section aria-labelledby="details-overview">
      <h3 id="details-overview">Overview</h3>
      <Facts
        rows={[
          ["Duration", durationWords(entity)],
          ["Self time", selfTimeWords(node)],
          ["Starts after", formatDuration(Math.max(0, (entity.start ?? tree.start) - tree.start))],
          ["Start", formatInstant(entity.start)],
          ["End", entity.inProgress ? undefined : formatInstant(numberAt(document, "end_time"))],
          ["Flags", flagWords(document)],
          ["ID", shown(entity.id)],
          ["Called by", parent ? <Text value={parent.entity.name} limit={200} /> : undefined],
          ["Caller ID", callerMissing ? text("parent_id") : undefined],
          ["Namespace", text("namespace")],
          ["Origin", text("origin")],
          ["Resource ARN", text("resource_arn")],
          ["User", text("user")],
          ["Inferred", entity.inferred ? "from the caller's subsegment" : undefined],
        ]}
      />
    </section>
  );
}

function durationWords(entity: Entity): string {
  if (entity.inProgress) return "still running";
  const words = formatDuration(durationOf(entity));
  const end = numberAt(entity.document, "end_time");
  // Clocks that are set back while work goes on make such documents.
  if (entity.start === undefined || end === undefined || end >= entity.start) return words;
  return `${words}: ended ${formatDuration(entity.start - end)} before it started`;
}

/** Only where it differs: what calls nothing does all of it itself. */
function selfTimeWords(node: TraceNode): string | undefined {
  return node.children.length > 0 ? formatDuration(selfTimeOf(node)) : undefined;
}

function shown(value: string | undefined) {
  return value === undefined ? undefined : <Text value={value} limit={500} />;
}

function flagWords(document: JsonRecord): string | undefined {
  const flags = (["fault", "error", "throttle"] as const).filter((flag) => document[flag] === true);
  return flags.length > 1 ? flags.map((flag) => STATUS_WORDS[flag]).join(", ") : undefined;
}

function Http({ document }: { document: JsonRecord }) {
  const http = recordAt(document, "http");
  const request = recordAt(http, "request");
  const response = recordAt(http, "response");
  const length = numberAt(response, "content_length");
  if (Object.keys(request).length + Object.keys(response).length === 0) return null;
  return (
    <section aria-labelledby="details-http">
      <h3 id="details-http">HTTP</h3>
      <Facts
        rows={[
          ["Status", numberAt(response, "status")?.toString()],
          ["Method", shown(textAt(request, "method"))],
          ["URL", shown(textAt(request, "url"))],
          ["Length", length === undefined ? undefined : `${length.toLocaleString("en")} bytes`],
          ["Client", shown(textAt(request, "client_ip"))],
          ["User agent", shown(textAt(request, "user_agent"))],
        ]}
      />
    </section>
  );
}

function Sql({ document }: { document: JsonRecord }) {
  const sql = recordAt(document, "sql");
  const { sanitized_query: query, ...rest } = sql;
  if (Object.keys(sql).length === 0) return null;
  return (
    <section aria-labelledby="details-sql">
      <h3 id="details-sql">SQL</h3>
      {typeof query === "string" && <TextBlock value={query} label="Query" />}
      <Members record={rest} />
    </section>
  );
}

function MembersSection({ title, record }: { title: string; record: JsonRecord }) {
  if (Object.keys(record).length === 0) return null;
  const id = `details-${title.toLowerCase()}`;
  return (
    <section aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      <Members record={record} />
    </section>
  );
}

function Metadata({ document }: { document: JsonRecord }) {
  const namespaces = Object.entries(recordAt(document, "metadata"));
  if (namespaces.length === 0) return null;
  return (
    <section aria-labelledby="details-metadata">
      <h3 id="details-metadata">Metadata</h3>
      {namespaces.slice(0, 50).map(([name, value]) => (
        <div key={name} class="metadata">
          <h4>
            <Text value={name} limit={120} />
          </h4>
          <JsonTree value={value} label={`Metadata of ${visibleLine(name, 80)}`} />
        </div>
      ))}
    </section>
  );
}

/** Other traces that this work goes on with, or that go on with it. */
function Links({ document }: { document: JsonRecord }) {
  const links = readLinks(document);
  if (links.length === 0) return null;
  return (
    <section aria-labelledby="details-links">
      <h3 id="details-links">Linked traces</h3>
      <ul class="links">
        {links.map(({ traceId, id, attributes }, index) => (
          <li key={index}>
            <a class="id" href={traceAddress(traceId, id || undefined)}>
              {traceId}
            </a>
            <Members record={attributes} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Raw({ entity }: { entity: Entity }) {
  // Its subsegments have lines of their own.
  const { subsegments: _, ...own } = entity.document;
  return (
    <details class="raw">
      <summary>Raw data</summary>
      <TextBlock value={prettyJson(own)} label="Raw data" />
      <CopyButton text={() => prettyJson(own)} label="Copy JSON" />
    </details>
  );
}
