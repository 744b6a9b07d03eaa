// Filter expressions as text.

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** Traces that a node of the map is part of. */
export function serviceFilter(name: string, type: string): string {
  const parts = [`name: ${quoted(name)}`];
  if (type !== "") parts.push(`type: ${quoted(type)}`);
  return `service(id(${parts.join(", ")}))`;
}

export interface FilterFault {
  /** Characters before the place where the expression makes no sense. */
  readonly before: number;
}

/** Where X-Ray says that an expression is wrong, if that is what a message is about. */
export function filterFault(message: string, expression: string): FilterFault | undefined {
  const match = /Error Location: line (\d{1,6}), position (\d{1,6})/.exec(message);
  if (!match) return undefined;
  const lines = expression.split("\n");
  const line = Math.min(Number(match[1]), lines.length);
  const start = lines.slice(0, line - 1).reduce((sum, text) => sum + [...text].length + 1, 0);
  const before = start + Math.max(0, Number(match[2]) - 1);
  return { before: Math.min(before, [...expression].length) };
}
