// Time ranges as the addresses of the AWS console write them: PT1H, or <ISO time>~<ISO time>.

export type TimeRange =
  | { readonly kind: "last"; readonly text: string; readonly seconds: number }
  | { readonly kind: "between"; readonly text: string; readonly start: number; readonly end: number };

interface Choice {
  readonly text: string;
  readonly seconds: number;
  readonly label: string;
  readonly words: string;
}

export const TIME_RANGES: readonly Choice[] = [
  { text: "PT5M", seconds: 300, label: "5m", words: "5 minutes" },
  { text: "PT1H", seconds: 3600, label: "1h", words: "hour" },
  { text: "PT6H", seconds: 6 * 3600, label: "6h", words: "6 hours" },
  { text: "P1D", seconds: 86_400, label: "1d", words: "day" },
  { text: "P7D", seconds: 7 * 86_400, label: "7d", words: "7 days" },
];

export const DEFAULT_TIME_RANGE: TimeRange = { kind: "last", text: "PT1H", seconds: 3600 };

const DURATION = /^P(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?$/;

function parseDuration(text: string): number {
  const match = DURATION.exec(text);
  if (!match) return 0;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return (days ?? 0) * 86_400 + (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0);
}

/** What an address asks for; the default where it asks for nothing or for nonsense. */
export function parseTimeRange(text: string | null): TimeRange {
  if (!text) return DEFAULT_TIME_RANGE;
  // The + of an offset is a space to whoever reads addresses.
  const halves = text.replace(/ (?=\d\d:?\d\d(~|$))/g, "+").split("~");
  if (halves.length === 2) {
    const start = Date.parse(halves[0] ?? "") / 1000;
    const end = Date.parse(halves[1] ?? "") / 1000;
    if (start < end) return { kind: "between", text, start, end };
  }
  const seconds = parseDuration(text);
  return seconds > 0 ? { kind: "last", text, seconds } : DEFAULT_TIME_RANGE;
}

/** Whole seconds, the end open and past now, so that what just arrived is inside. */
export function boundsOf(range: TimeRange, nowSeconds: number): { start: number; end: number } {
  if (range.kind === "between") return { start: range.start, end: range.end };
  const end = Math.floor(nowSeconds) + 1;
  return { start: end - range.seconds, end };
}

export function timeRangeWords(range: TimeRange): string {
  if (range.kind === "between") return "in the chosen time range";
  const choice = TIME_RANGES.find(({ seconds }) => seconds === range.seconds);
  return choice ? `in the last ${choice.words}` : "in the chosen time range";
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}

/** The local time as fields for dates and times want it: "2026-11-22T15:12:41". */
export function localInputTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  return `${day}T${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

/** From one local time to a later one; undefined where they make no range. */
export function betweenRange(startText: string, endText: string): TimeRange | undefined {
  const start = Date.parse(startText) / 1000;
  const end = Date.parse(endText) / 1000;
  if (!(start < end)) return undefined;
  const text = [start, end].map((seconds) => new Date(seconds * 1000).toISOString()).join("~");
  return { kind: "between", text, start, end };
}

/** Short: "22 Nov 15:12 – 15:42", or the duration as the address has it. Years where they differ. */
export function timeRangeLabel(range: TimeRange): string {
  if (range.kind === "last") return range.text.replace(/^PT?/, "").toLowerCase();
  const [start, end] = [new Date(range.start * 1000), new Date(range.end * 1000)];
  const sameYear = start.getFullYear() === end.getFullYear();
  const day = (date: Date) => {
    const words = date.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
    return sameYear ? words : `${words} ${date.getFullYear()}`;
  };
  const time = (date: Date) => `${pad(date.getHours())}:${pad(date.getMinutes())}`;
  const until = day(start) === day(end) ? time(end) : `${day(end)} ${time(end)}`;
  return `${day(start)} ${time(start)} – ${until}`;
}
