import { signal } from "@preact/signals";
import { useCallback, useEffect, useMemo } from "preact/hooks";
import { FailurePanel } from "../components/failure_panel";
import { NoTraces } from "../components/no_traces";
import { StatusStrip } from "../components/status_strip";
import { TimeRangePicker } from "../components/time_range_picker";
import { TraceTable } from "../components/trace_table";
import { plural } from "../model/format";
import { timeRangeWords, type TimeRange } from "../model/time_range";
import { SUMMARIES_A_STEP, TraceListStore } from "../stores/trace_list_store";
import { usePageTitle } from "../stores/use_page_title";
import { useRefresh } from "../stores/use_refresh";

/** Outlives the page, so that a look at one trace does not switch it off. */
const live = signal(true);

export function TraceListPage({ range }: { range: TimeRange }) {
  const store = useMemo(() => new TraceListStore(range), [range.text]);
  const load = useCallback(() => store.load(), [store]);
  usePageTitle("Traces");
  useEffect(() => {
    void load();
    return () => store.stop();
  }, [store, load]);
  useRefresh(live.value, load);
  const summaries = store.summaries.value;
  const failure = store.failure.value;
  return (
    <>
      <div class="page-head">
        <div>
          <h1>Traces</h1>
          <p class="page-note" role="status">
            {summaries
              ? `${plural(summaries.length, "trace")} ${timeRangeWords(range)}`
              : "Reading traces …"}
          </p>
        </div>
        <div class="page-tools">
          <TimeRangePicker range={range} />
          <button
            type="button"
            class="button live"
            aria-pressed={live.value}
            title="Read again every 3 seconds"
            onClick={() => {
              live.value = !live.value;
            }}
          >
            Live
          </button>
          <button type="button" class="button" onClick={() => void load()}>
            Refresh
          </button>
        </div>
      </div>
      {failure && (
        <FailurePanel what="The traces could not be read" failure={failure} retry={load} />
      )}
      {summaries && summaries.length === 0 && !failure && <NoTraces range={range} />}
      {summaries && summaries.length > 0 && (
        <>
          <StatusStrip summaries={summaries} />
          <div class="panel">
            <TraceTable summaries={summaries} />
          </div>
          {store.hasMore.value && (
            <button
              type="button"
              class="button more"
              disabled={store.loading.value}
              onClick={() => void store.loadMore()}
            >
              Read {SUMMARIES_A_STEP.toLocaleString("en")} more
            </button>
          )}
        </>
      )}
    </>
  );
}
