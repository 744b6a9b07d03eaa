import { STATUS_MEANINGS, STATUS_WORDS, type Status } from "../../model/status";

// Each state has a shape of its own, for those who cannot tell the colours apart.
const SHAPES: Readonly<Record<Status, string>> = {
  ok: "M5 .8a4.2 4.2 0 1 0 0 8.4A4.2 4.2 0 0 0 5 .8Z",
  error: "M5 .6 9.7 9H.3Z",
  fault: "M1.2 1.2h7.6v7.6H1.2Z",
  throttle: "M5 .2 9.8 5 5 9.8.2 5Z",
  progress: "M5 1.6a3.4 3.4 0 1 0 0 6.8 3.4 3.4 0 0 0 0-6.8Z",
};

export function StatusShape({ status }: { status: Status }) {
  return (
    <svg class={`shape status-${status}`} viewBox="0 0 10 10" aria-hidden="true">
      <path d={SHAPES[status]} />
    </svg>
  );
}

/** Shape and word. */
export function StatusMark({ status }: { status: Status }) {
  return (
    <span class="status-mark" title={STATUS_MEANINGS[status]}>
      <StatusShape status={status} />
      <span>{STATUS_WORDS[status]}</span>
    </span>
  );
}
