import { flagAt, numberAt, recordAt, textAt, type JsonRecord } from "../json";
import { splitUrl } from "../format";
import { statusOfDocument, type Status } from "../status";

/** A segment or subsegment of a trace. Times are seconds since the epoch. */
export interface Entity {
  readonly kind: "segment" | "subsegment";
  readonly id: string;
  readonly name: string;
  readonly start: number | undefined;
  readonly end: number | undefined;
  readonly inProgress: boolean;
  readonly inferred: boolean;
  readonly status: Status;
  /** What it did, in a few words: its request, statement or operation. */
  readonly summary: string;
  /** The document it was read from. */
  readonly document: JsonRecord;
}

export function readEntity(kind: Entity["kind"], document: JsonRecord): Entity {
  const start = numberAt(document, "start_time");
  const end = numberAt(document, "end_time");
  return {
    kind,
    id: textAt(document, "id") ?? "",
    name: textAt(document, "name") ?? "(no name)",
    start,
    end: start !== undefined && end !== undefined ? Math.max(start, end) : undefined,
    inProgress: flagAt(document, "in_progress"),
    inferred: flagAt(document, "inferred"),
    status: statusOfDocument(document),
    summary: summaryOf(document),
    document,
  };
}

export function durationOf(entity: Entity): number | undefined {
  return entity.start === undefined || entity.end === undefined
    ? undefined
    : entity.end - entity.start;
}

function summaryOf(document: JsonRecord): string {
  const query = textAt(recordAt(document, "sql"), "sanitized_query");
  if (query) return query;
  const aws = recordAt(document, "aws");
  const operation = textAt(aws, "operation");
  if (operation) {
    const resource =
      textAt(aws, "table_name") ?? textAt(aws, "bucket_name") ?? textAt(aws, "function_name");
    return resource ? `${operation} ${resource}` : operation;
  }
  const request = recordAt(recordAt(document, "http"), "request");
  const url = textAt(request, "url");
  return [textAt(request, "method"), url && splitUrl(url).path].filter(Boolean).join(" ");
}
