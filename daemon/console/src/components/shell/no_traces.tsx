import { useMemo } from "preact/hooks";
import { timeRangeWords, type TimeRange } from "../../model/time_range";
import { readClock } from "../../stores/clock";
import { CopyButton } from "../controls/copy_button";

function randomHex(digits: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(digits / 2));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A shell line that stores one trace of this moment. */
function sendingLine(): string {
  const start = Math.floor(readClock());
  const segment = JSON.stringify({
    name: "hello",
    id: randomHex(16),
    trace_id: `1-${start.toString(16)}-${randomHex(24)}`,
    start_time: start,
    end_time: start + 0.25,
  });
  const body = JSON.stringify({ TraceSegmentDocuments: [segment] });
  return `curl ${location.origin}/TraceSegments -d '${body}'`;
}

/** The list's empty state: what to do to see something. */
export function NoTraces({ range }: { range: TimeRange }) {
  const line = useMemo(sendingLine, []);
  return (
    <section class="panel message">
      <h2>No traces {timeRangeWords(range)}</h2>
      <p>Choose a longer time range, or send one now. This line stores a trace:</p>
      <div class="command">
        <pre tabIndex={0} aria-label="Command that sends a trace">
          {line}
        </pre>
        <CopyButton text={() => line} label="Copy" />
      </div>
      <p>
        A program that uses an X-Ray SDK sends its traces here with{" "}
        <code>AWS_XRAY_DAEMON_ADDRESS={location.host}</code>.
      </p>
    </section>
  );
}
