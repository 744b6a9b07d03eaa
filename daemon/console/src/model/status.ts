import { flagAt, type JsonRecord } from "./json";

/** What happened to a request. The first four are the only things that have a colour. */
export type Status = "ok" | "error" | "fault" | "throttle" | "progress";

/** How a request ended. */
export type Outcome = Exclude<Status, "progress">;
export const OUTCOMES: readonly Outcome[] = ["ok", "error", "throttle", "fault"];

export const STATUS_WORDS: Readonly<Record<Status, string>> = {
  ok: "OK",
  error: "Error",
  fault: "Fault",
  throttle: "Throttled",
  progress: "In progress",
};

export const STATUS_MEANINGS: Readonly<Record<Status, string>> = {
  ok: "Answered without an error",
  error: "Client error: 4xx other than 429",
  fault: "Server fault: 5xx or an exception",
  throttle: "Throttled: 429",
  progress: "Not finished yet",
};

export interface StatusFlags {
  readonly fault: boolean;
  readonly throttle: boolean;
  readonly error: boolean;
  readonly inProgress: boolean;
}

/** The worst flag wins: a fault over a throttle, a throttle (which is an error too) over an error. */
export function statusOf(flags: StatusFlags): Status {
  if (flags.fault) return "fault";
  if (flags.throttle) return "throttle";
  if (flags.error) return "error";
  return flags.inProgress ? "progress" : "ok";
}

export function statusOfDocument(document: JsonRecord): Status {
  return statusOf({
    fault: flagAt(document, "fault"),
    throttle: flagAt(document, "throttle"),
    error: flagAt(document, "error"),
    inProgress: flagAt(document, "in_progress"),
  });
}
