// One xrayd and one browser for a file of tests, and pages of its console.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { startXrayd } from "../../conformance/xrayd_process.mjs";
import { openPage, startBrowser } from "./browser.mjs";

export const NARROW = { viewport: { width: 390, height: 844 } };
export const MIDDLE = { viewport: { width: 1024, height: 768 } };
export const DARK = { colorScheme: "dark" };

export const now = () => Date.now() / 1000;

/** Chromium itself says so of each answer that refuses. */
export const REFUSAL =
  "Failed to load resource: the server responded with a status of 400 (Bad Request)";

/** Starts both before the tests of the calling file and ends them after. */
export function useConsole() {
  const running = {};
  before(async () => {
    running.xrayd = await startXrayd();
    running.browser = await startBrowser();
  });
  after(async () => {
    await running.browser?.close();
    await running.xrayd?.stop();
  });
  return {
    url: () => running.xrayd.url,
    browser: () => running.browser,
    withPage: pagesOf(running),
  };
}

/**
 * Opens a page for `use`, and fails where it complained of anything but what is expected, which it
 * must have done, however often.
 */
export function pagesOf(running) {
  return async (hash, options, use, expected = []) => {
    const address = `${running.xrayd.url}/${hash}`;
    const { page, problems } = await openPage(running.browser, address, options);
    try {
      await use(page);
      assert.deepEqual([...new Set(problems)], expected);
    } finally {
      await page.context().close();
    }
  };
}

/** Milliseconds between the frames that the browser draws while `move` is called before each. */
export async function frameTimes(page, frames, move) {
  return page.evaluate(
    async ({ frames, source }) => {
      const move = new Function("frame", source);
      const next = () => new Promise(requestAnimationFrame);
      const times = [];
      let last = await next();
      for (let frame = 0; frame < frames; frame += 1) {
        move(frame);
        const time = await next();
        times.push(time - last);
        last = time;
      }
      return times;
    },
    { frames, source: move },
  );
}

export function quantile(numbers, share) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
