const XRAY = /^1-[0-9a-f]{8}-[0-9a-f]{24}$/;
const W3C = /^[0-9a-f]{32}$/;

/** The id in X-Ray's form, from that form or the 32 digits of W3C; undefined for anything else. */
export function normalTraceId(text: string): string | undefined {
  const id = text.toLowerCase();
  if (XRAY.test(id)) return id;
  return W3C.test(id) ? `1-${id.slice(0, 8)}-${id.slice(8)}` : undefined;
}
