import { useSignal } from "@preact/signals";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { TraceSummary } from "../api/trace_summaries";
import { ClearStoreDialog } from "../components/traces/clear_store_dialog";
import { PageNote } from "../components/controls/page_note";
import { DropFiles } from "../components/traces/drop_files";
import { DurationHistogram } from "../components/traces/duration_histogram";
import { FailurePanel } from "../components/shell/failure_panel";
import { FilterBox } from "../components/traces/filter_box";
import { ImportOutcomePanel } from "../components/traces/import_outcome";
import { LiveButton } from "../components/shell/live_button";
import { NoTraces } from "../components/shell/no_traces";
import { RefinePanel } from "../components/traces/refine_panel";
import { TimeRangePicker } from "../components/shell/time_range_picker";
import { TraceListMenu } from "../components/traces/trace_list_menu";
import { TraceTable } from "../components/traces/trace_table";
import { filterFault } from "../model/traces/filter_text";
import { toggledTerm, withResponseTimes } from "../model/traces/filter_terms";
import { plural } from "../model/format";
import { histogramOf } from "../model/traces/histogram";
import { timeRangeWords, type TimeRange } from "../model/time_range";
import { goTo, tracesAddress } from "../router";
import { FacetsStore } from "../stores/facets_store";
import { SUMMARIES_A_STEP, TraceListStore } from "../stores/trace_list_store";
import { live } from "../stores/live";
import { importFiles } from "../stores/trace_import";
import { usePageTitle } from "../stores/use_page_title";
import { useRefresh } from "../stores/use_refresh";

const TAIL_MS = 1000;
const FACETS_MS = 5000;
/** Whoever has scrolled further reads: lines do not move below their eyes. */
const READING_PX = 160;

interface TraceListProps {
  readonly range: TimeRange;
  readonly filter: string;
  readonly group: string;
}

export function TraceListPage({ range, filter, group }: TraceListProps) {
  const list = useMemo(() => new TraceListStore(range, filter, group), [range.text, filter, group]);
  const facets = useMemo(() => new FacetsStore(range, filter, group), [range.text, filter, group]);
  // What the filter bar offers does not depend on what it says already.
  const offered = useMemo(() => new FacetsStore(range, "", group), [range.text, group]);
  const clearing = useSignal(false);
  usePageTitle("Traces");
  const load = useCallback(async () => {
    // The traces first: counting what they have in common takes longer.
    await list.load();
    // What is wrong with a filter is said once.
    if (list.failure.value === undefined) await facets.load();
  }, [list, facets]);
  // Asked before the page is painted: the answer is there a frame earlier.
  useLayoutEffect(() => {
    void load();
    return () => {
      list.stop();
      facets.stop();
    };
  }, [list, facets, load]);
  useEffect(() => () => offered.stop(), [offered]);

  // What was found before stays, pale, until the new answer is there: nothing jumps.
  const summaries = useLast(list.summaries.value);
  const counts = useLast(facets.facets.value);
  const isOld = list.summaries.value === undefined;
  const failure = list.failure.value;
  const fault = failure && filterFault(failure, filter);
  const isEverything = filter === "" && group === "";
  const isSearching = list.loading.value && list.scanned.value > 0 && !isEverything;
  // What is wrong with a filter does not change by asking again.
  const following = range.kind === "last" && !fault;
  const follow = useCallback(async () => {
    const still = !live.value || scrollY > READING_PX;
    if (!still && list.held.value > 0) list.release();
    await list.follow(still);
  }, [list]);
  useRefresh(following, follow, TAIL_MS);
  const count = useCallback(() => facets.load(), [facets]);
  useRefresh(following && live.value, count, FACETS_MS);

  const apply = (wanted: string) => goTo(tracesAddress(range, wanted, group));
  const imported = (files: readonly File[]) => {
    void importFiles(files).then(load);
  };
  return (
    <>
      <div class="page-head">
        <div>
          <h1>Traces</h1>
          <PageNote
            question={`${range.text} ${group} ${filter}`}
            said={
              summaries && !isOld && !isSearching
                ? listWords(summaries.length, list.hasMore.value, filter, range)
                : undefined
            }
            meanwhile={
              isSearching
                ? searchWords(isOld ? 0 : (summaries?.length ?? 0), list.scanned.value)
                : "Reading traces …"
            }
          />
        </div>
        <div class="page-tools">
          <TimeRangePicker range={range} addressOf={(other) => tracesAddress(other, filter, group)} />
          <LiveButton range={range} />
          <button type="button" class="button" onClick={() => void load()}>
            Refresh
          </button>
          <TraceListMenu
            range={range}
            filter={filter}
            group={group}
            ids={summaries?.map(({ id }) => id) ?? []}
            take={imported}
            clear={() => {
              clearing.value = true;
            }}
          />
        </div>
      </div>
      <FilterBox
        filter={filter}
        fault={fault && failure ? { ...fault, message: failure } : undefined}
        apply={apply}
        begin={() => void offered.load()}
        facets={offered.facets.value}
      />
      <DropFiles take={imported} />
      <ImportOutcomePanel />
      {failure && !fault && (
        <FailurePanel what="The traces could not be read" failure={failure} retry={load} />
      )}
      {list.summaries.value?.length === 0 && !failure && (
        <NothingFound range={range} filter={filter} group={group} />
      )}
      {summaries && summaries.length > 0 && (
        <div class="list-columns" aria-busy={isOld}>
          <RefinePanel
            facets={counts}
            isOld={facets.facets.value === undefined}
            filter={filter}
            toggle={(term) => apply(toggledTerm(filter, term))}
          />
          <Found
            summaries={summaries}
            choose={(from, to) => apply(withResponseTimes(filter, from, to))}
            more={list.hasMore.value ? () => void list.loadMore() : undefined}
            loading={list.loading.value}
          />
        </div>
      )}
      {list.held.value > 0 && (
        <button
          type="button"
          class="button toast"
          onClick={() => {
            list.release();
            scrollTo({ top: 0 });
          }}
        >
          {plural(list.held.value, "new trace")}
        </button>
      )}
      {clearing.value && (
        <ClearStoreDialog
          close={() => {
            clearing.value = false;
          }}
          cleared={() => {
            clearing.value = false;
            void load();
          }}
        />
      )}
    </>
  );
}

/** The value as it was before it was undefined. */
function useLast<Value>(value: Value | undefined): Value | undefined {
  const last = useRef(value);
  if (value !== undefined) last.current = value;
  return last.current;
}

/** While a filter matches so little that one answer is not enough. */
function searchWords(found: number, scanned: number): string {
  return `Searching … ${found.toLocaleString("en")} found in the newest ${plural(scanned, "trace")}`;
}

function listWords(count: number, hasMore: boolean, filter: string, range: TimeRange): string {
  const traces = `${plural(count, "trace")}${filter === "" ? "" : " found"}`;
  const words = `${traces} ${timeRangeWords(range)}`;
  return hasMore ? `${words}, the newest; there are more` : words;
}

/** The response times to choose from, and the traces. */
function Found(props: {
  readonly summaries: readonly TraceSummary[];
  readonly choose: (from: number, to: number) => void;
  readonly more: (() => void) | undefined;
  readonly loading: boolean;
}) {
  const { summaries, more } = props;
  const histogram = useMemo(() => histogramOf(summaries), [summaries]);
  return (
    <div class="found">
      <section class="panel histogram-panel" aria-labelledby="histogram-title">
        <h2 id="histogram-title">Response time</h2>
        <DurationHistogram histogram={histogram} choose={props.choose} />
      </section>
      <div class="panel">
        <TraceTable summaries={summaries} />
      </div>
      {more && (
        <button type="button" class="button more" disabled={props.loading} onClick={more}>
          Read {SUMMARIES_A_STEP.toLocaleString("en")} more
        </button>
      )}
    </div>
  );
}

function NothingFound({ range, filter, group }: TraceListProps) {
  if (filter === "" && group === "") return <NoTraces range={range} />;
  return (
    <section class="panel message">
      <h2>No trace matches {timeRangeWords(range)}</h2>
      <p>
        Choose a longer time range, or another {filter === "" ? "group" : "filter"}. Traces that
        have not ended match once the parts that the filter asks for are there.
      </p>
      <a class="button" href={tracesAddress(range)}>
        Show all traces
      </a>
    </section>
  );
}
