import { useSignal } from "@preact/signals";
import { useCallback, useEffect, useMemo, useRef } from "preact/hooks";
import { Details } from "../components/details";
import { Timeline } from "../components/timeline";
import { TraceHead } from "../components/trace_head";
import { TraceState } from "../components/trace_state";
import { BadTraceId } from "../components/bad_trace_id";
import { plural } from "../model/format";
import { normalTraceId } from "../model/trace_id";
import type { TraceNode, TraceTree } from "../model/trace_tree";
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
  useEffect(() => {
    void load();
    return () => store.stop();
  }, [store, load]);
  const tree = store.tree.value;
  useRefresh(tree?.inProgress ?? false, load);
  usePageTitle(tree?.root?.entity.name ?? "Trace");
  return tree ? (
    <TraceView id={id} tree={tree} selected={selected} />
  ) : (
    <TraceState store={store} />
  );
}

function TraceView(props: { id: string; tree: TraceTree; selected: string | undefined }) {
  const { id, tree } = props;
  const selectedKey = useSignal(props.selected);
  const collapsed = useSignal<ReadonlySet<string>>(new Set());
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => {
    selectedKey.value = props.selected;
  }, [props.selected, selectedKey]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const selected = tree.byKey.get(selectedKey.value ?? "") ?? tree.root;
  const select = (node: TraceNode) => {
    selectedKey.value = node.key;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => replaceAddress(traceAddress(id, node.key)), ADDRESS_DELAY_MS);
  };
  const setCollapsed = (node: TraceNode, isCollapsed: boolean) => {
    const next = new Set(collapsed.value);
    if (isCollapsed) next.add(node.key);
    else next.delete(node.key);
    collapsed.value = next;
  };
  return (
    <>
      <TraceHead id={id} tree={tree} />
      {tree.unreadable > 0 && (
        <p class="note" role="status">
          {plural(tree.unreadable, "document")} of this trace could not be read as JSON.
        </p>
      )}
      <div class="trace-columns">
        <div class="panel">
          <Timeline
            tree={tree}
            selected={selected}
            collapsed={collapsed.value}
            select={select}
            setCollapsed={setCollapsed}
          />
        </div>
        {selected && <Details tree={tree} node={selected} select={select} />}
      </div>
    </>
  );
}
