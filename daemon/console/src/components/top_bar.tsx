import { lastListAddress, lastMapAddress, route } from "../router";

export function TopBar() {
  const { page } = route.value;
  return (
    <header class="top-bar">
      <a class="brand" href="#/traces" aria-label="xrayd console, start page">
        <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
          <circle cx="10" cy="10" r="7.5" fill="none" stroke="currentColor" stroke-width="2" />
          <path d="M5 12.2h2.6l1.7-5.4 2.2 7 1.4-3.4H15" class="brand-ray" />
        </svg>
        <span>xrayd</span>
      </a>
      <nav aria-label="Pages">
        <a href={lastMapAddress.value} aria-current={page === "map" ? "page" : undefined}>
          Service map
        </a>
        <a href={lastListAddress.value} aria-current={page === "traces" ? "page" : undefined}>
          Traces
        </a>
      </nav>
      <span class="top-bar-place">{location.host}</span>
    </header>
  );
}
