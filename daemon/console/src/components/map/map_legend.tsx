import type { Statistics } from "../../api/service_graph";
import { OUTCOMES, STATUS_MEANINGS, STATUS_WORDS, type Outcome } from "../../model/status";

/** What the map's colours and lines mean, and how often it happened. A click shows where. */
export function MapLegend(props: {
  /** Of the requests that came from outside. */
  readonly statistics: Statistics;
  readonly lit: Outcome | undefined;
  readonly light: (outcome: Outcome | undefined) => void;
  readonly hasLinks: boolean;
}) {
  const { statistics, lit, light, hasLinks } = props;
  return (
    <div class="map-legend" role="group" aria-label="Legend">
      {OUTCOMES.map((outcome) => (
        <button
          key={outcome}
          type="button"
          class={`legend-outcome status-${outcome}`}
          aria-pressed={lit === outcome}
          title={`${STATUS_MEANINGS[outcome]}. Click to see where.`}
          onClick={() => light(lit === outcome ? undefined : outcome)}
        >
          <span class="legend-ring" aria-hidden="true" />
          <span>{LEGEND_WORDS[outcome] ?? STATUS_WORDS[outcome]}</span>
          <strong>{statistics[outcome].toLocaleString("en")}</strong>
        </button>
      ))}
      <span class="legend-line-item">
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
          <circle class="legend-figure-ring" cx="8" cy="8" r="6.5" />
          <path class="legend-figure" d="M5 7h6M6 10h4" />
        </svg>
        average, requests a minute
      </span>
      <span class="legend-line-item">
        <svg viewBox="0 0 34 12" width="34" height="12" aria-hidden="true">
          <path class="map-edge-line" d="M0 6h24" stroke-width="1.25" />
          <path class="map-edge-arrow" d="M32 6l-9 -4.5v9Z" />
        </svg>
        calls, wider for more
      </span>
      {hasLinks && (
        <span class="legend-line-item">
          <svg viewBox="0 0 28 12" width="28" height="12" aria-hidden="true">
            <path class="map-edge-line dashed" d="M0 6h28" stroke-width="1.5" />
          </svg>
          link to another trace
        </span>
      )}
    </div>
  );
}

const LEGEND_WORDS: Readonly<Partial<Record<Outcome, string>>> = {
  error: "Error 4xx",
  fault: "Fault 5xx",
  throttle: "Throttled 429",
};
