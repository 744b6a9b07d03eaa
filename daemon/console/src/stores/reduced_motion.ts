const query = matchMedia("(prefers-reduced-motion: reduce)");

/** Whether the reader would rather have things appear than move. */
export function prefersReducedMotion(): boolean {
  return query.matches;
}
