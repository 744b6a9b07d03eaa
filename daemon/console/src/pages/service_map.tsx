import { useSignal } from "@preact/signals";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { ServiceNode } from "../api/service_graph";
import { FailurePanel } from "../components/shell/failure_panel";
import { PageNote } from "../components/controls/page_note";
import { LiveButton } from "../components/shell/live_button";
import { MapLegend } from "../components/map/map_legend";
import { MapPanel } from "../components/map/map_panel";
import { MapSearch } from "../components/map/map_search";
import { NoTraces } from "../components/shell/no_traces";
import { ServiceMap } from "../components/map/service_map";
import { TimeRangePicker } from "../components/shell/time_range_picker";
import { plural } from "../model/format";
import { incomingRequests } from "../model/map/incoming_requests";
import { litBy, nodesFound } from "../model/map/map_focus";
import { isClient, nodeSelector } from "../model/map/map_node";
import { subjectOf } from "../model/map/map_subject";
import { NO_INSETS } from "../model/map/map_view";
import type { Outcome } from "../model/status";
import { timeRangeWords, type TimeRange } from "../model/time_range";
import { goTo, goToInstead, serviceMapAddress } from "../router";
import { live } from "../stores/live";
import { narrow } from "../stores/narrow";
import { ServiceMapStore } from "../stores/service_map_store";
import { usePageTitle } from "../stores/use_page_title";
import { useRefresh } from "../stores/use_refresh";

/** As wide as the style sheet has the panel, and its margins. */
const PANEL_WIDTH = 392;
/** Of the map's height, that the panel of a narrow window covers. */
const SHEET_SHARE = 0.6;

export function ServiceMapPage(props: {
  readonly range: TimeRange;
  readonly group: string;
  readonly selected: string | undefined;
}) {
  const { range, group, selected } = props;
  const store = useMemo(() => new ServiceMapStore(), []);
  const refresh = useCallback(() => store.refresh(), [store]);
  const text = useSignal("");
  const outcome = useSignal<Outcome | undefined>(undefined);
  const destination = useSignal<string | undefined>(undefined);
  const stage = useRef<HTMLDivElement>(null);
  const goesOnInPanel = useRef(false);
  usePageTitle("Service map");
  // Asked before the page is painted: the answer is there a frame earlier.
  useLayoutEffect(() => {
    store.fitInto(narrow.value ? "narrow" : "wide");
  }, [store, narrow.value]);
  useLayoutEffect(() => {
    void store.ask(range, group);
  }, [store, range.text, group]);
  useEffect(() => () => store.stop(), [store]);
  useRefresh(live.value && range.kind === "last", refresh);

  const content = store.content.value;
  const failure = store.failure.value;
  const addressOf = useCallback(
    (selector: string) => serviceMapAddress(range, group, selector),
    [range.text, group],
  );
  const isEmpty = content !== undefined && content.services.length === 0;
  const subject = content && selected !== undefined ? subjectOf(content.layout, selected) : undefined;
  useEffect(() => {
    if (subject && goesOnInPanel.current) focusPanel(stage.current);
    goesOnInPanel.current = false;
  }, [subject?.selector]);
  const close = () => {
    goToInstead(serviceMapAddress(range, group));
    if (subject) destination.value = subject.key;
  };
  const spotlight = useMemo(() => {
    if (!content) return undefined;
    if (text.value.trim() !== "") {
      return new Set(nodesFound(content.layout.nodes, text.value).map(({ key }) => key));
    }
    return outcome.value === undefined ? undefined : litBy(content.layout, outcome.value);
  }, [content, text.value, outcome.value]);
  const insets = !subject
    ? NO_INSETS
    : narrow.value
      ? { ...NO_INSETS, bottom: (stage.current?.clientHeight ?? 0) * SHEET_SHARE }
      : { ...NO_INSETS, right: PANEL_WIDTH };

  return (
    <>
      <div class="page-head">
        <div>
          <h1>Service map</h1>
          <PageNote
            question={`${range.text} ${group}`}
            said={content && !store.outdated.value ? summary(content.services, range) : undefined}
            meanwhile={content ? summary(content.services, range) : "Reading the map …"}
          />
        </div>
        <div class="page-tools">
          <MapSearch
            nodes={content?.layout.nodes ?? []}
            text={text.value}
            search={(searched) => {
              text.value = searched;
            }}
            goTo={(placed) => {
              destination.value = placed.key;
              follow(addressOf(nodeSelector(placed.node)), selected);
            }}
          />
          <TimeRangePicker range={range} addressOf={(other) => serviceMapAddress(other, group, selected)} />
          <LiveButton range={range} />
        </div>
      </div>
      <div
        class={store.outdated.value ? "map-stage panel outdated" : "map-stage panel"}
        ref={stage}
        onKeyDown={(event) => {
          if (event.key !== "Escape" || selected === undefined) return;
          event.preventDefault();
          close();
        }}
        onClick={(event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
          const link = event.target instanceof Element && event.target.closest("a[data-key], .calls a");
          const address = link ? link.getAttribute("href") : null;
          if (address === null) return;
          event.preventDefault();
          follow(address, selected);
          // Enter on a service: the reader goes on in the panel.
          goesOnInPanel.current = event.detail === 0;
        }}
      >
        {failure && (
          <FailurePanel what="The service map could not be read" failure={failure} retry={refresh} />
        )}
        {isEmpty && !failure && group === "" && <NoTraces range={range} />}
        {isEmpty && !failure && group !== "" && (
          <section class="message">
            <h2>No traces in this group {timeRangeWords(range)}</h2>
            <p>Choose a longer time range, or look at all traces.</p>
            <a class="button" href={serviceMapAddress(range)}>
              Show all traces
            </a>
          </section>
        )}
        {content && !isEmpty && (
          <>
            <ServiceMap
              layout={content.layout}
              plan={content.plan}
              minutes={(content.bounds.end - content.bounds.start) / 60}
              addressOf={addressOf}
              selected={subject?.key}
              spotlight={spotlight}
              insets={insets}
              goTo={destination}
              onArrange={() => store.arrange()}
              holds={(isHeld) => {
                store.isHeld = isHeld;
              }}
            />
            <MapLegend
              statistics={incomingRequests(content.services)}
              lit={outcome.value}
              light={(lit) => {
                outcome.value = lit;
              }}
              hasLinks={content.layout.edges.some(({ edge }) => edge.link)}
            />
            {subject && (
              <MapPanel
                key={subject.selector}
                subject={subject}
                content={content}
                range={range}
                group={group}
                addressOf={addressOf}
                close={close}
              />
            )}
          </>
        )}
      </div>
    </>
  );
}

/** From service to service is no step back in the history: from the map to a service is. */
function follow(address: string, selected: string | undefined): void {
  if (selected === undefined) goTo(address);
  else goToInstead(address);
}

function focusPanel(stage: HTMLElement | null): void {
  stage?.querySelector<HTMLElement>("[data-map-panel] h2")?.focus();
}

function summary(services: readonly ServiceNode[], range: TimeRange): string {
  const count = services.filter((node) => !isClient(node)).length;
  const { total } = incomingRequests(services);
  const requests = total > 0 ? `, ${plural(total, "request")}` : "";
  return `${plural(count, "service")}${requests} ${timeRangeWords(range)}`;
}
