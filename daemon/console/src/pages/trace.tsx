import { useSignal } from "@preact/signals";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { BadTraceId } from "../components/trace/bad_trace_id";
import { Details } from "../components/trace/details";
import { FailurePanel } from "../components/shell/failure_panel";
import { TraceHead } from "../components/trace/trace_head";
import { TraceMap } from "../components/trace/trace_map";
import { TraceState } from "../components/trace/trace_state";
import { TraceTimeline } from "../components/trace/trace_timeline";
import { plural } from "../model/format";
import { normalTraceId } from "../model/trace_id";
import type { TraceNode, TraceTree } from "../model/trace/trace_tree";
import { replaceAddress, traceAddress } from "../router";
import { TraceStore } from "../stores/trace_store";
import { usePageTitle } from "../stores/use_page_title";
import { useRefresh } from "../stores/use_refresh";

/** Browsers slow down pages that change their address with every key press. */
const ADDRESS_DELAY_MS = 300;

export function TracePage({ id, selected }: { id: string; selected: string | undefined }) {
  const traceId = normalTraceId(id);
  return traceId === undefined ? (
    <BadTraceId id={id} />
  ) : (
    <StoredTracePage id={traceId} selected={selected} />
  );
}

function StoredTracePage({ id, selected }: { id: string; selected: string | undefined }) {
  const store = useMemo(() => new TraceStore(id), [id]);
  const load = useCallback(() => store.load(), [store]);
  // Asked before the page is painted: the answer is there a frame earlier.
  useLayoutEffect(() => {
    void load();
    return () => store.stop();
  }, [store, load]);
  const tree = store.tree.value;
  const waits = store.content.value === "absent" || (tree !== undefined && tree.inProgress);
  useRefresh(waits || store.mayGrow.value, load);
  usePageTitle(tree?.root?.entity.name ?? "Trace");
  const content = store.content.value;
  const failure = store.failure.value;
  return tree && content !== undefined && content !== "absent" ? (
    <>
      {failure && (
        <FailurePanel what="The trace could not be read again" failure={failure} retry={load} />
      )}
      <TraceView
        id={id}
        tree={tree}
        readAt={content.readAt}
        documents={content.trace.documents}
        selected={selected}
      />
    </>
  ) : (
    <TraceState store={store} />
  );
}

function TraceView(props: {
  id: string;
  tree: TraceTree;
  readAt: number;
  documents: readonly string[];
  selected: string | undefined;
}) {
  const { id, tree } = props;
  const selectedKey = useSignal(props.selected);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => {
    selectedKey.value = props.selected;
  }, [props.selected, selectedKey]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const selected = tree.byKey.get(selectedKey.value ?? "") ?? tree.root;
  const select = useCallback(
    (node: TraceNode) => {
      selectedKey.value = node.key;
      clearTimeout(timer.current);
      const change = () => replaceAddress(traceAddress(id, node.key));
      timer.current = setTimeout(change, ADDRESS_DELAY_MS);
    },
    [id, selectedKey],
  );
  return (
    <>
      <TraceHead id={id} tree={tree} documents={props.documents} />
      {tree.unreadable > 0 && (
        <p class="note" role="status">
          {plural(tree.unreadable, "document")} of this trace could not be read as JSON.
        </p>
      )}
      <TraceMap id={id} tree={tree} readAt={props.readAt} />
      <div class="trace-columns">
        <TraceTimeline tree={tree} selected={selected} select={select} />
        {selected && <Details tree={tree} node={selected} select={select} />}
      </div>
    </>
  );
}
