import { findException, readCause, type RecordedException } from "../../model/trace/exceptions";
import { plural } from "../../model/format";
import type { TraceNode, TraceTree } from "../../model/trace/trace_tree";
import { visibleLines } from "../../model/visible_text";
import { Text } from "../controls/text";

/** Why the selected line failed. */
export function Exceptions(props: {
  readonly tree: TraceTree;
  readonly node: TraceNode;
  readonly select: (node: TraceNode) => void;
}) {
  const cause = readCause(props.node.entity.document);
  if (cause.exceptions.length === 0 && cause.recordedElsewhere === undefined) return null;
  return (
    <section aria-labelledby="details-exceptions">
      <h3 id="details-exceptions">{cause.exceptions.length > 1 ? "Exceptions" : "Exception"}</h3>
      {cause.recordedElsewhere !== undefined && (
        <Elsewhere {...props} id={cause.recordedElsewhere} />
      )}
      {cause.exceptions.map((exception, index) => (
        <Exception key={index} exception={exception} all={cause.exceptions} />
      ))}
      {cause.exceptionsLeftOut > 0 && (
        <p class="note">{plural(cause.exceptionsLeftOut, "more exception")} in the raw data</p>
      )}
      {cause.workingDirectory !== undefined && (
        <p class="note">
          Working directory <Text value={cause.workingDirectory} />
        </p>
      )}
    </section>
  );
}

function Elsewhere(props: {
  readonly id: string;
  readonly tree: TraceTree;
  readonly select: (node: TraceNode) => void;
}) {
  const holder = findException(props.tree, props.id);
  if (!holder) {
    return (
      <p class="note">
        Exception <Text value={props.id} limit={40} />, recorded in a part of the trace that is not
        stored.
      </p>
    );
  }
  return (
    <button type="button" class="button" onClick={() => props.select(holder)}>
      <span>
        Recorded in <Text value={holder.entity.name} limit={80} />
      </span>
    </button>
  );
}

function Exception(props: {
  readonly exception: RecordedException;
  readonly all: readonly RecordedException[];
}) {
  const { exception, all } = props;
  const causedBy = all.find(({ id }) => id !== "" && id === exception.causeId);
  return (
    <article class="exception">
      <h4>
        <Text value={exception.type} limit={200} />
        {exception.remote && <span class="tag">thrown downstream</span>}
      </h4>
      {exception.message && <p class="exception-message">{visibleLines(exception.message, 4000)}</p>}
      {causedBy && (
        <p class="note">
          Caused by <Text value={causedBy.type} limit={200} />
        </p>
      )}
      {exception.frames.length > 0 && (
        <ol class="stack" aria-label="Stack">
          {exception.frames.map((frame, index) => (
            <li key={index}>
              <Text value={frame.label || "?"} limit={400} />
              <span class="stack-place">
                <Text value={frame.place} limit={400} />
              </span>
            </li>
          ))}
        </ol>
      )}
      {exception.framesLeftOut > 0 && (
        <p class="note">{plural(exception.framesLeftOut, "more frame")} left out</p>
      )}
    </article>
  );
}
