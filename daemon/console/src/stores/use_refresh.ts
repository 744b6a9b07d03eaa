import { useEffect } from "preact/hooks";

const PERIOD_MS = 3000;

/** Calls `refresh` every 3 seconds (or as told) while it is wanted and the page is looked at. */
export function useRefresh(
  wanted: boolean,
  refresh: () => Promise<void>,
  periodMs = PERIOD_MS,
): void {
  useEffect(() => {
    if (!wanted) return undefined;
    let busy = false;
    const timer = setInterval(() => {
      if (busy || document.hidden) return;
      busy = true;
      void refresh().finally(() => {
        busy = false;
      });
    }, periodMs);
    return () => clearInterval(timer);
  }, [wanted, refresh, periodMs]);
}
