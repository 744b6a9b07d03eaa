import { isRecord, type JsonRecord } from "../model/json";

const TIMEOUT_MS = 20_000;

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
export async function callXray(
  operation: string,
  path: string,
  input: JsonRecord,
  signal: AbortSignal,
): Promise<JsonRecord> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  let response: Response;
  let text: string;
  try {
    response = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(input),
      signal: AbortSignal.any([signal, timeout]),
    });
    text = await response.text();
  } catch (error) {
    if (signal.aborted) throw error;
    if (timeout.aborted) throw new ApiError(operation, "no answer within 20 seconds");
    throw new ApiError(operation, "xrayd cannot be reached; is it running?");
  }
  const answer = parseAnswer(text);
  if (!response.ok) throw new ApiError(operation, refusal(response.status, answer));
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

function refusal(status: number, answer: JsonRecord | undefined): string {
  const message = answer?.["Message"] ?? answer?.["message"];
  return typeof message === "string" ? `${message} (HTTP ${status})` : `HTTP status ${status}`;
}

export function describeFailure(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
