import { recordAt, recordsAt, textAt, type JsonRecord } from "../json";
import { normalTraceId } from "../trace_id";

/** Another trace that this work goes on with. */
export interface TraceLink {
  readonly traceId: string;
  /** The segment or subsegment there, empty where the link does not say. */
  readonly id: string;
  readonly attributes: JsonRecord;
}

const MOST_LINKS = 50;

export function readLinks(document: JsonRecord): readonly TraceLink[] {
  return recordsAt(document, "links")
    .slice(0, MOST_LINKS)
    .flatMap((link) => {
      const traceId = normalTraceId(textAt(link, "trace_id") ?? "");
      if (traceId === undefined) return [];
      return [{ traceId, id: textAt(link, "id") ?? "", attributes: recordAt(link, "attributes") }];
    });
}
