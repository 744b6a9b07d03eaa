// What is on the page as a command of the AWS CLI.

function quoted(text: string): string {
  return /^[\w:./@%+=,-]+$/.test(text) ? text : `'${text.replace(/'/g, `'\\''`)}'`;
}

function command(operation: string, endpoint: string, options: readonly string[][]): string {
  // The CLI asks for a region whatever the endpoint; xrayd looks at neither it nor a signature.
  const all = [
    ["--endpoint-url", endpoint],
    ["--region", "us-east-1"],
    ["--no-sign-request"],
    ...options,
  ];
  const lines = all.map(([name, ...values]) => [name, ...values.map(quoted)].join(" "));
  return [`aws xray ${operation}`, ...lines].join(" \\\n  ");
}

function instant(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/\.000Z$/, "Z");
}

export function traceSummariesCommand(
  endpoint: string,
  range: { readonly start: number; readonly end: number },
  filter: string,
): string {
  return command("get-trace-summaries", endpoint, [
    ["--start-time", instant(range.start)],
    ["--end-time", instant(range.end)],
    ...(filter === "" ? [] : [["--filter-expression", filter]]),
  ]);
}

export function batchGetTracesCommand(endpoint: string, traceId: string): string {
  return command("batch-get-traces", endpoint, [["--trace-ids", traceId]]);
}
