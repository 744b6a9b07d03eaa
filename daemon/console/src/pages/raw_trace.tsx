import { useEffect, useMemo } from "preact/hooks";
import { BadTraceId } from "../components/trace/bad_trace_id";
import { CopyButton } from "../components/controls/copy_button";
import { TextBlock } from "../components/controls/text";
import { TraceState } from "../components/trace/trace_state";
import { indentedJson } from "../model/exact_json";
import { normalTraceId } from "../model/trace_id";
import { traceAddress } from "../router";
import { TraceStore } from "../stores/trace_store";
import { usePageTitle } from "../stores/use_page_title";

/** What a browser lays out without a noticeable pause; the copy button gives all of it. */
const MOST_CHARACTERS = 1_000_000;

/** The trace's documents as the store keeps them. */
export function RawTracePage({ id }: { id: string }) {
  const traceId = normalTraceId(id);
  return traceId === undefined ? <BadTraceId id={id} /> : <StoredRawTrace id={traceId} />;
}

function StoredRawTrace({ id }: { id: string }) {
  const store = useMemo(() => new TraceStore(id), [id]);
  usePageTitle("Raw data");
  useEffect(() => {
    void store.load();
    return () => store.stop();
  }, [store]);
  const { value } = store.content;
  const documents = value === undefined || value === "absent" ? undefined : value.trace.documents;
  const text = useMemo(() => documents && rawText(id, documents), [id, documents]);
  if (text === undefined) return <TraceState store={store} />;
  return (
    <>
      <div class="trace-head">
        <a class="back" href={traceAddress(id)}>
          ← Trace
        </a>
        <div class="trace-title">
          <h1>Raw data</h1>
          <div class="page-tools">
            <CopyButton text={() => text} label="Copy JSON" />
          </div>
        </div>
        <p class="page-note id">{id}</p>
      </div>
      <div class="panel raw-trace">
        <TextBlock value={text} label="Raw data" limit={MOST_CHARACTERS} />
      </div>
    </>
  );
}

/** One JSON text; a document that is no JSON stays the string it is. */
function rawText(id: string, documents: readonly string[]): string {
  const segments = documents.map(jsonOf).join(",");
  return indentedJson(`{"Id":${JSON.stringify(id)},"Segments":[${segments}]}`);
}

function jsonOf(document: string): string {
  try {
    JSON.parse(document);
    return document;
  } catch {
    return JSON.stringify(document);
  }
}
