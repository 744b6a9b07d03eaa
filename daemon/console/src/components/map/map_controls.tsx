import type { ReadonlySignal } from "@preact/signals";

/** Buttons at the map's edge, for those without a wheel. */
export function MapControls(props: {
  readonly percent: ReadonlySignal<number>;
  readonly zoomIn: () => void;
  readonly zoomOut: () => void;
  readonly fit: () => void;
  readonly arrange: (() => void) | undefined;
}) {
  return (
    <div class="map-controls" data-map-control role="group" aria-label="Zoom">
      <button type="button" onClick={props.zoomOut} aria-label="Zoom out" title="Zoom out (−)">
        <Icon path="M3.5 8h9" />
      </button>
      <output class="map-percent" aria-label="Zoom level">
        {props.percent}&#8239;%
      </output>
      <button type="button" onClick={props.zoomIn} aria-label="Zoom in" title="Zoom in (+)">
        <Icon path="M3.5 8h9M8 3.5v9" />
      </button>
      <button type="button" onClick={props.fit} aria-label="Show all" title="Show all (0)">
        <Icon path="M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10" />
      </button>
      {props.arrange && (
        <button
          type="button"
          onClick={props.arrange}
          aria-label="Arrange anew"
          title="Arrange anew: services that came later found a place where there was room"
        >
          <Icon path="M2.5 8h3M5.5 8 9 4.5h1M5.5 8 9 11.5h1M10.5 3h3v3h-3zM10.5 10h3v3h-3z" />
        </button>
      )}
    </div>
  );
}

function Icon({ path }: { path: string }) {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" class="icon" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}
