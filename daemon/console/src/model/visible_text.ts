// Text that came from elsewhere is shown so that it cannot pretend to be other text: control and
// direction characters become visible, and length is bounded.

const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g;
const LINE_CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
// Direction marks, embeddings, isolates, invisible separators, soft hyphens, fillers that look like
// nothing, the byte order mark, tags, lone surrogates.
const INVISIBLE =
  /[\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb]|\udb40[\udc00-\udc7f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function codePoint(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
}

function visibleControl(character: string): string {
  if (character === "\n") return "↵";
  return character === "\t" ? "⇥" : codePoint(character);
}

/** Cuts after `limit` UTF-16 units, never inside a pair, and says how much is missing. */
function bounded(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const last = text.charCodeAt(limit - 1);
  const end = last >= 0xd800 && last <= 0xdbff ? limit - 1 : limit;
  return `${text.slice(0, end)} … (${(text.length - end).toLocaleString("en")} more characters)`;
}

/** One line: line breaks and tabs become visible too. */
export function visibleLine(text: string, limit = 300): string {
  return bounded(text, limit).replace(CONTROL, visibleControl).replace(INVISIBLE, codePoint);
}

/** Several lines: line breaks and tabs stay what they are. */
export function visibleLines(text: string, limit = 100_000): string {
  return bounded(text, limit).replace(LINE_CONTROL, codePoint).replace(INVISIBLE, codePoint);
}
