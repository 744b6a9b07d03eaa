import { lastListAddress, lastMapAddress, route } from "../../router";
import { GroupPicker } from "./group_picker";
import { isKeyHelpOpen } from "./key_help";
import { ThemeSwitch } from "./theme_switch";

export function TopBar() {
  const { value } = route;
  const { page } = value;
  return (
    <header class="top-bar">
      <a class="brand" href={lastMapAddress.value} aria-label="xrayd console, service map">
        <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
          <circle cx="10" cy="10" r="7.5" fill="none" stroke="currentColor" stroke-width="2" />
          <path d="M5 12.2h2.6l1.7-5.4 2.2 7 1.4-3.4H15" class="brand-ray" />
        </svg>
        <span>xrayd</span>
      </a>
      <nav aria-label="Pages">
        <a
          href={lastMapAddress.value}
          aria-label="Service map"
          aria-current={page === "map" ? "page" : undefined}
        >
          <span class="long-word">Service map</span>
          <span class="short-word">Map</span>
        </a>
        <a href={lastListAddress.value} aria-current={page === "traces" ? "page" : undefined}>
          Traces
        </a>
        <a href="#/sampling" aria-current={page === "sampling" ? "page" : undefined}>
          Sampling
        </a>
      </nav>
      <div class="top-bar-tools">
        {(value.page === "map" || value.page === "traces") && <GroupPicker route={value} />}
        <ThemeSwitch />
        <button
          type="button"
          class="icon-button keys-button"
          aria-label="Keys"
          title="Keys (?)"
          onClick={() => {
            isKeyHelpOpen.value = true;
          }}
        >
          <svg viewBox="0 0 16 16" width="16" height="16" class="icon" aria-hidden="true">
            <path d="M5.8 6.2A2.2 2.2 0 1 1 8 8.4v1.2M8 11.9v.1" />
          </svg>
        </button>
      </div>
    </header>
  );
}
