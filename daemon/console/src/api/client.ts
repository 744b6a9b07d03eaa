import { isRecord, type JsonRecord } from "../model/json";

const TIMEOUT_MS = 20_000;
const CONSOLE = "/console/api/v1/";

/** A call that failed: what was asked, and why there is no answer, in words for the page. */
export class ApiError extends Error {
  constructor(
    readonly operation: string,
    readonly reason: string,
  ) {
    super(`${operation}: ${reason}`);
    this.name = "ApiError";
  }
}

/** One operation of the X-Ray API of the daemon that served this page. */
export function callXray(
  operation: string,
  path: string,
  input: JsonRecord,
  signal: AbortSignal,
): Promise<JsonRecord> {
  return answerOf(operation, path, posted(input), signal);
}

/** What the daemon tells its console beyond the X-Ray API. */
export function askConsole(
  question: string,
  parameters: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<JsonRecord> {
  const query = new URLSearchParams(parameters).toString();
  return answerOf(question, `${CONSOLE}${question}?${query}`, {}, signal);
}

/** What the console has the daemon do beyond the X-Ray API. */
export function tellDaemon(command: string, signal: AbortSignal): Promise<JsonRecord> {
  return answerOf(command, CONSOLE + command, posted({}), signal);
}

function posted(input: JsonRecord): RequestInit {
  return {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(input),
  };
}

async function answerOf(
  operation: string,
  address: string,
  request: RequestInit,
  signal: AbortSignal,
): Promise<JsonRecord> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  let response: Response;
  let text: string;
  try {
    response = await fetch(address, { ...request, signal: AbortSignal.any([signal, timeout]) });
    text = await response.text();
  } catch (error) {
    if (signal.aborted) throw error;
    if (timeout.aborted) throw new ApiError(operation, "no answer within 20 seconds");
    throw new ApiError(operation, "xrayd cannot be reached; is it running?");
  }
  if (response.status === 204) return {};
  const answer = parseAnswer(text);
  if (!response.ok) throw new ApiError(operation, refusal(response.status, answer, text));
  if (!answer) throw new ApiError(operation, "the answer is no JSON object");
  return answer;
}

function parseAnswer(text: string): JsonRecord | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const LONGEST_REASON = 500;

/** In the words of whoever refused: X-Ray's are JSON, those of the daemon's door a line of text. */
function refusal(status: number, answer: JsonRecord | undefined, text: string): string {
  const message = answer?.["Message"] ?? answer?.["message"];
  if (typeof message === "string") return `${message} (HTTP ${status})`;
  const line = answer ? "" : text.trim();
  const isLine = line !== "" && line.length <= LONGEST_REASON && !/[<\n]/.test(line);
  return isLine ? `${line} (HTTP ${status})` : `HTTP status ${status}`;
}

export function describeFailure(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
