import { numberAt, recordAt, recordsAt, textAt, type JsonRecord } from "../json";
import type { TraceNode, TraceTree } from "./trace_tree";

export interface StackFrame {
  readonly label: string;
  readonly place: string;
}

export interface RecordedException {
  readonly id: string;
  readonly type: string;
  readonly message: string;
  readonly remote: boolean;
  readonly frames: readonly StackFrame[];
  /** Frames that were left out, by the sender or by us. */
  readonly framesLeftOut: number;
  /** Id of the exception that caused this one. */
  readonly causeId: string | undefined;
}

/** What a document says about why it failed: exceptions of its own, or one recorded elsewhere. */
export interface Cause {
  readonly exceptions: readonly RecordedException[];
  readonly exceptionsLeftOut: number;
  readonly recordedElsewhere: string | undefined;
  readonly workingDirectory: string | undefined;
}

const MOST_EXCEPTIONS = 20;
const MOST_FRAMES = 200;

export function readCause(document: JsonRecord): Cause {
  const cause = recordAt(document, "cause");
  const exceptions = recordsAt(cause, "exceptions");
  return {
    exceptions: exceptions.slice(0, MOST_EXCEPTIONS).map(readException),
    exceptionsLeftOut: Math.max(0, exceptions.length - MOST_EXCEPTIONS),
    recordedElsewhere: textAt(document, "cause"),
    workingDirectory: textAt(cause, "working_directory"),
  };
}

function readException(exception: JsonRecord): RecordedException {
  const stack = recordsAt(exception, "stack");
  return {
    id: textAt(exception, "id") ?? "",
    type: textAt(exception, "type") ?? "Exception",
    message: textAt(exception, "message") ?? "",
    remote: exception["remote"] === true,
    frames: stack.slice(0, MOST_FRAMES).map((frame) => {
      const line = numberAt(frame, "line");
      const path = textAt(frame, "path") ?? "";
      return {
        label: textAt(frame, "label") ?? "",
        place: line === undefined ? path : `${path}:${line}`,
      };
    }),
    framesLeftOut:
      Math.max(0, stack.length - MOST_FRAMES) + Math.max(0, numberAt(exception, "truncated") ?? 0),
    causeId: textAt(exception, "cause"),
  };
}

/** The line of the trace whose document holds the exception with this id. */
export function findException(tree: TraceTree, id: string): TraceNode | undefined {
  return tree.nodes.find(({ entity }) =>
    recordsAt(recordAt(entity.document, "cause"), "exceptions").some(
      (exception) => exception["id"] === id,
    ),
  );
}
