// JSON whose whole numbers stay what they are. Ids are often numbers of 64 bits, which JavaScript
// would round: another order than the one that failed.

/** A whole number that JavaScript cannot hold, as it was written. */
export class WideInteger {
  constructor(readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

/** Stands before such numbers while they are strings; nobody who sends a trace knows it. */
const MARK = `wide ${Math.random().toString(36).slice(2)} `;
const MARKED = new RegExp(`"${MARK}(-?\\d+)"`, "g");

/** Throws where the text is no JSON. */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (!/\d{16}/.test(text)) return value;
  let found = false;
  const parts: string[] = [];
  for (const token of tokensOf(text)) {
    const isOne = isWide(token);
    found ||= isOne;
    parts.push(isOne ? `"${MARK}${token}"` : token);
  }
  return found ? JSON.parse(parts.join(""), unmarked) : value;
}

function isWide(token: string): boolean {
  return /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token));
}

function unmarked(_key: string, value: unknown): unknown {
  if (typeof value !== "string" || !value.startsWith(MARK)) return value;
  return new WideInteger(value.slice(MARK.length));
}

/** As JSON.stringify, with the numbers that parseJson kept. */
export function printJson(value: unknown, indent = 0): string {
  const marking = (_key: string, member: unknown) =>
    member instanceof WideInteger ? MARK + member.text : member;
  return (JSON.stringify(value, marking, indent) ?? "undefined").replace(MARKED, "$1");
}

/** The strings, the marks and the rest of a JSON text, without the spaces between them. */
function* tokensOf(text: string): Generator<string> {
  const others = /[{}[\],:]|[^\s{}[\],:"]+|\s+/y;
  for (let at = 0; at < text.length; ) {
    let end = at + 1;
    if (text[at] === '"') {
      while (end < text.length && text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
      end += 1;
    } else {
      others.lastIndex = at;
      if (others.test(text)) end = others.lastIndex;
    }
    const token = text.slice(at, end);
    if (token.trim() !== "") yield token;
    at = end;
  }
}

const DEEPEST_INDENT = 100;

/** A JSON text on lines of its own, each of its values and names as it is written there. */
export function indentedJson(text: string): string {
  const parts: string[] = [];
  let depth = 0;
  let before = "";
  const line = () => `\n${"  ".repeat(Math.min(depth, DEEPEST_INDENT))}`;
  for (const token of tokensOf(text)) {
    const closes = token === "}" || token === "]";
    const opened = before === "{" || before === "[";
    if (closes) depth -= 1;
    if (closes ? !opened : opened || before === ",") parts.push(line());
    parts.push(token === ":" ? ": " : token);
    if (token === "{" || token === "[") depth += 1;
    before = token;
  }
  return parts.join("");
}
