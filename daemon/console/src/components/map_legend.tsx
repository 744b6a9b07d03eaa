import { STATUS_MEANINGS, STATUS_WORDS, type Status } from "../model/status";

const SHOWN: readonly Status[] = ["ok", "error", "fault", "throttle"];

/** What the rings' colours mean. */
export function MapLegend() {
  return (
    <ul class="map-legend" aria-label="Legend">
      {SHOWN.map((status) => (
        <li key={status} title={STATUS_MEANINGS[status]}>
          <span class={`legend-ring status-${status}`} aria-hidden="true" />
          {STATUS_WORDS[status]}
        </li>
      ))}
      <li>
        <span class="legend-line" aria-hidden="true" />
        Link to another trace
      </li>
    </ul>
  );
}
