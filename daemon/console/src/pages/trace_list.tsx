import { signal } from "@preact/signals";
import { useCallback, useEffect, useMemo } from "preact/hooks";
import { FailurePanel } from "../components/failure_panel";
import { FilterBox } from "../components/filter_box";
import { NoTraces } from "../components/no_traces";
import { StatusStrip } from "../components/status_strip";
import { TimeRangePicker } from "../components/time_range_picker";
import { TraceTable } from "../components/trace_table";
import { filterFault } from "../model/filter_text";
import { plural } from "../model/format";
import { timeRangeWords, type TimeRange } from "../model/time_range";
import { goTo, tracesAddress } from "../router";
import { SUMMARIES_A_STEP, TraceListStore } from "../stores/trace_list_store";
import { usePageTitle } from "../stores/use_page_title";
import { useRefresh } from "../stores/use_refresh";

/** Outlives the page, so that a look at one trace does not switch it off. */
const live = signal(true);

export function TraceListPage({ range, filter }: { range: TimeRange; filter: string }) {
  const store = useMemo(() => new TraceListStore(range, filter), [range.text, filter]);
  const load = useCallback(() => store.load(), [store]);
  usePageTitle("Traces");
  useEffect(() => {
    void load();
    return () => store.stop();
  }, [store, load]);
    const summaries = store.summaries.value;
  const failure = store.failure.value;
  const isWrongFilter = failure !== undefined && filterFault(failure, filter) !== undefined;
  // What is wrong with a filter does not change by asking again.
  useRefresh(live.value && !isWrongFilter, load);
  return (
    <>
      <div class="page-head">
        <div>
          <h1>Traces</h1>
          <p class="page-note" role="status">
            {summaries
              ? `${plural(summaries.length, "trace")}${filter === "" ? "" : " found"} ${timeRangeWords(range)}`
              : "Reading traces …"}
          </p>
        </div>
        <div class="page-tools">
          <TimeRangePicker range={range} addressOf={(other) => tracesAddress(other, filter)} />
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
      <FilterBox
        filter={filter}
        failure={failure}
        apply={(text) => goTo(tracesAddress(range, text))}
      />
      {failure && !isWrongFilter && (
        <FailurePanel what="The traces could not be read" failure={failure} retry={load} />
      )}
      {summaries && summaries.length === 0 && !failure && filter === "" && <NoTraces range={range} />}
      {summaries && summaries.length === 0 && !failure && filter !== "" && (
        <section class="panel message">
          <h2>No trace matches {timeRangeWords(range)}</h2>
          <p>Choose a longer time range, or another filter.</p>
          <a class="button" href={tracesAddress(range)}>
            Show all traces
          </a>
        </section>
      )}
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
