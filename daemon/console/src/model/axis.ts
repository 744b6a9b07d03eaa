/** A mark on the time axis: its place as a share of the whole, and seconds after the start. */
export interface Tick {
  readonly share: number;
  readonly seconds: number;
}

/** At most `most` marks at round distances (1, 2 or 5 times a power of ten), from zero on. */
export function axisTicks(spanSeconds: number, most: number): Tick[] {
  if (!(spanSeconds > 0) || !Number.isFinite(spanSeconds)) return [{ share: 0, seconds: 0 }];
  const least = spanSeconds / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= least * 0.999);
  const distance = step ?? power * 10;
  const ticks: Tick[] = [];
  for (let index = 0; index <= most && index * distance <= spanSeconds; index += 1) {
    ticks.push({ share: (index * distance) / spanSeconds, seconds: index * distance });
  }
  return ticks;
}

/** A tick in the unit that suits the whole axis, so that its labels compare at a glance. */
export function formatTick(seconds: number, spanSeconds: number): string {
  if (seconds === 0) return "0";
  const [scale, unit] =
    spanSeconds < 0.001 ? [1e6, "µs"] : spanSeconds < 1 ? [1e3, "ms"] : [1, "s"];
  return `${Number((seconds * scale).toPrecision(6)).toLocaleString("en")} ${unit}`;
}
