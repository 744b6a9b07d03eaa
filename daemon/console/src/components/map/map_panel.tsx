import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { requestsFilter, type ResponseTimes } from "../../model/traces/filter_text";
import { formatDuration, formatRate, plural } from "../../model/format";
import { countBetween, percentile } from "../../model/map/latency_distribution";
import type { Subject } from "../../model/map/map_subject";
import { averageOf } from "../../model/map/ring";
import { OUTCOMES, type Outcome } from "../../model/status";
import type { TimeRange } from "../../model/time_range";
import { tracesAddress } from "../../router";
import type { MapContent } from "../../stores/service_map_store";
import { ServiceHistoryStore } from "../../stores/service_history_store";
import { CallList } from "./call_list";
import { CopyButton } from "../controls/copy_button";
import { LatencyHistogram } from "./latency_histogram";
import { NodeGlyph } from "./node_glyph";
import { OutcomeTable } from "./outcome_table";
import { ServiceHistory } from "./service_history";

const ANY_TIME: ResponseTimes = { from: undefined, to: undefined };

/** The figures of a node or an edge, and the way to its traces. */
export function MapPanel(props: {
  readonly subject: Subject;
  readonly content: MapContent;
  readonly range: TimeRange;
  readonly group: string;
  readonly addressOf: (selector: string) => string;
  readonly close: () => void;
}) {
  const { subject, content, range, group, addressOf, close } = props;
  const { statistics, responseTimes, selector } = subject;
  const outcomes = useSignal<ReadonlySet<Outcome>>(new Set(OUTCOMES));
  const times = useSignal<ResponseTimes>(ANY_TIME);
  const heading = useRef<HTMLHeadingElement>(null);

  const history = useMemo(() => new ServiceHistoryStore(selector, group), [selector, group]);
  useEffect(() => {
    void history.load(content.bounds);
  }, [history, content]);
  useEffect(() => () => history.stop(), [history]);

  const minutes = (content.bounds.end - content.bounds.start) / 60;
  const filter = requestsFilter(selector, outcomes.value, times.value);
  const wanted = statistics ? wantedCount(subject, outcomes.value, times.value) : undefined;
  return (
    <aside class="map-panel" aria-label={`Figures of ${subject.name}`} data-map-panel>
      <header class="map-panel-head">
        <svg viewBox="-11 -11 22 22" width="22" height="22" aria-hidden="true">
          <NodeGlyph kind={subject.kind} isAlone={true} />
        </svg>
        <div>
          <h2 ref={heading} tabIndex={-1}>
            <bdi>{subject.name}</bdi>
          </h2>
          <p class="note">{subject.type}</p>
        </div>
        <button type="button" class="icon-button" aria-label="Close" title="Close (Esc)" onClick={close}>
          <svg viewBox="0 0 16 16" width="16" height="16" class="icon" aria-hidden="true">
            <path d="M4 4l8 8M12 4l-8 8" />
          </svg>
        </button>
      </header>

      <div class="map-panel-body">
        {statistics && statistics.total > 0 ? (
          <>
            <dl class="figures">
              <Figure name="Requests" value={statistics.total.toLocaleString("en")} />
              <Figure name="Rate" value={formatRate(statistics.total / minutes)} />
              <Figure name="Average" value={formatDuration(averageOf(statistics))} />
            </dl>
            <section>
              <h3>How they ended</h3>
              <OutcomeTable
                statistics={statistics}
                chosen={outcomes.value}
                choose={(chosen) => {
                  outcomes.value = chosen;
                }}
              />
            </section>
            <section>
              <h3>How long they took</h3>
              <LatencyHistogram
                key={selector}
                entries={responseTimes}
                chosen={times.value}
                choose={(chosen) => {
                  times.value = chosen;
                }}
              />
              <dl class="figures percentiles">
                <Figure name="p50" value={percentileText(subject, 0.5)} />
                <Figure name="p90" value={percentileText(subject, 0.9)} />
                <Figure name="p99" value={percentileText(subject, 0.99)} />
              </dl>
            </section>
            <section>
              <h3>Over time</h3>
              <ServiceHistory store={history} bounds={content.bounds} />
            </section>
          </>
        ) : (
          <p class="note">No request has ended here in this time.</p>
        )}
        <CallList title="Called by" edges={subject.callers} end="source" minutes={minutes} addressOf={addressOf} />
        <CallList title="Calls" edges={subject.calls} end="target" minutes={minutes} addressOf={addressOf} />
      </div>

      <footer class="map-panel-foot">
        {outcomes.value.size === 0 ? (
          <button type="button" class="button primary" disabled>
            View traces
          </button>
        ) : (
          <a class="button primary" href={tracesAddress(range, filter, group)}>
            View traces
          </a>
        )}
        <span class="note" role="status">
          {outcomes.value.size === 0
            ? "Tick an outcome"
            : statistics && wanted !== undefined && wanted < statistics.total
              ? `${wanted.toLocaleString("en")} of ${plural(statistics.total, "request")}`
              : ""}
        </span>
        <CopyButton text={() => filter} label="Copy filter" />
      </footer>
    </aside>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function percentileText(subject: Subject, share: number): string {
  const value = percentile(subject.responseTimes, share);
  // Histograms know milliseconds.
  return value !== undefined && value < 0.001 ? "< 1 ms" : formatDuration(value);
}

/** How many requests the filter means; unknown where both how they ended and how long matters. */
function wantedCount(
  { statistics, responseTimes }: Subject,
  outcomes: ReadonlySet<Outcome>,
  { from, to }: ResponseTimes,
): number | undefined {
  if (!statistics) return undefined;
  const isTimed = from !== undefined || to !== undefined;
  if (outcomes.size === OUTCOMES.length) {
    return isTimed ? countBetween(responseTimes, from, to) : statistics.total;
  }
  if (isTimed) return undefined;
  return [...outcomes].reduce((sum, outcome) => sum + statistics[outcome], 0);
}
