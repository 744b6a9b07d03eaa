// Numbers and times as people read them, always with a unit.

function fixed(value: number): string {
  if (value >= 99.95) return value.toFixed(0);
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

/** A duration in seconds, three digits: "840 µs", "12.4 ms", "1.28 s", "2 min 05 s". */
export function formatDuration(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return "–";
  if (seconds <= 0) return "0 ms";
  if (seconds < 0.000_999_5) return `${Math.max(1, Math.round(seconds * 1e6))} µs`;
  if (seconds < 0.999_5) return `${fixed(seconds * 1e3)} ms`;
  if (seconds < 59.95) return `${fixed(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
  const days = Math.floor(minutes / (24 * 60));
  return days > 9999 ? "over 9,999 days" : `${days} d ${Math.floor((minutes % (24 * 60)) / 60)} h`;
}

/** The same with no more digits than it needs: "2 ms", "12.6 ms", "1 s". */
export function formatRoundDuration(seconds: number): string {
  const [scale, unit] = seconds < 0.000_999_5 ? [1e6, "µs"] : seconds < 0.999_5 ? [1e3, "ms"] : [1, "s"];
  return `${Number((seconds * scale).toPrecision(3)).toLocaleString("en")} ${unit}`;
}

function pad(value: number, digits = 2): string {
  return String(value).padStart(digits, "0");
}

/** Requests a minute: "0.4 /min", "12 /min", "48,200 /min". */
export function formatRate(aMinute: number): string {
  if (!(aMinute > 0)) return "0 /min";
  if (aMinute < 0.05) return "< 0.1 /min";
  if (aMinute < 9.95) return `${aMinute.toFixed(1)} /min`;
  return `${Math.round(aMinute).toLocaleString("en")} /min`;
}

/** How long ago something was, in its largest unit. */
export function formatAge(startSeconds: number, nowSeconds: number): string {
  const age = nowSeconds - startSeconds;
  if (age < 1) return "now";
  if (age < 60) return `${Math.floor(age)} s ago`;
  if (age < 3600) return `${Math.floor(age / 60)} min ago`;
  if (age < 48 * 3600) return `${Math.floor(age / 3600)} h ago`;
  return `${Math.floor(age / 86400).toLocaleString("en")} d ago`;
}

/** Local wall clock with milliseconds: "2026-11-22 15:12:41.250". */
export function formatInstant(seconds: number | undefined): string {
  if (seconds === undefined) return "–";
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return `${seconds} s`;
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  const time = `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
  return `${day} ${time}.${pad(date.getMilliseconds(), 3)}`;
}

/**
 * Local wall clock: "15:12:41", or with the day where that is not today's: "22 Nov 15:12", and the
 * year where that is another: "22 Nov 2019 15:12".
 */
export function formatTime(seconds: number, nowSeconds: number): string {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return "–";
  const minutes = `${pad(date.getHours())}:${pad(date.getMinutes())}`;
  const today = new Date(nowSeconds * 1000);
  if (date.toDateString() === today.toDateString()) {
    return `${minutes}:${pad(date.getSeconds())}`;
  }
  const month = date.toLocaleString("en", { month: "short" });
  const year = date.getFullYear() === today.getFullYear() ? "" : ` ${date.getFullYear()}`;
  return `${date.getDate()} ${month}${year} ${minutes}`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/** An address in its two halves; the first is empty where the text is no absolute address. */
export function splitUrl(url: string): { host: string; path: string } {
  const match = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)(.*)$/is.exec(url);
  if (!match) return { host: "", path: url };
  return { host: match[1] ?? "", path: match[2] || "/" };
}
