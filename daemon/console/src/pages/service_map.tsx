import { useCallback, useEffect, useMemo } from "preact/hooks";
import { FailurePanel } from "../components/failure_panel";
import { MapLegend } from "../components/map_legend";
import { NoTraces } from "../components/no_traces";
import { ServiceMap } from "../components/service_map";
import { TimeRangePicker } from "../components/time_range_picker";
import { plural } from "../model/format";
import { timeRangeWords, type TimeRange } from "../model/time_range";
import { serviceMapAddress } from "../router";
import { ServiceMapStore } from "../stores/service_map_store";
import { usePageTitle } from "../stores/use_page_title";
import { useRefresh } from "../stores/use_refresh";

export function ServiceMapPage({ range }: { range: TimeRange }) {
  const store = useMemo(() => new ServiceMapStore(range), [range.text]);
  const load = useCallback(() => store.load(), [store]);
  usePageTitle("Service map");
  useEffect(() => {
    void load();
    return () => store.stop();
  }, [store, load]);
  useRefresh(range.kind === "last", load);
  const content = store.content.value;
  const failure = store.failure.value;
  const services = content?.services.filter((node) => node.type !== "client").length ?? 0;
  return (
    <>
      <div class="page-head">
        <div>
          <h1>Service map</h1>
          <p class="page-note" role="status">
            {content
              ? `${plural(services, "service")} ${timeRangeWords(range)}`
              : "Reading the map …"}
          </p>
        </div>
        <div class="page-tools">
          <TimeRangePicker range={range} addressOf={serviceMapAddress} />
          <button type="button" class="button" onClick={() => void load()}>
            Refresh
          </button>
        </div>
      </div>
      {failure && (
        <FailurePanel what="The service map could not be read" failure={failure} retry={load} />
      )}
      {content && content.services.length === 0 && !failure && <NoTraces range={range} />}
      {content && content.services.length > 0 && (
        <div class="panel map-panel">
          <ServiceMap layout={store.layout.value} range={range} minutes={content.seconds / 60} />
          <MapLegend />
        </div>
      )}
    </>
  );
}
