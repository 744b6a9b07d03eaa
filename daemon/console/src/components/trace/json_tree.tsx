import { useSignal } from "@preact/signals";
import { isRecord } from "../../model/json";
import { Text } from "../controls/text";

/** So many members of one object are drawn at once. */
const STEP = 100;
const OPEN_DEPTH = 2;

/** A JSON value as a tree that opens on demand, however deep and wide it is. */
export function JsonTree({ value, label }: { value: unknown; label: string }) {
  return (
    <div class="json" role="group" aria-label={label} tabIndex={0}>
      <Members value={value} depth={0} />
    </div>
  );
}

function Value(props: { readonly name: string; readonly value: unknown; readonly depth: number }) {
  const { name, value, depth } = props;
  const count = sizeOf(value);
  const open = useSignal(depth < OPEN_DEPTH && (count ?? 0) <= STEP);
  if (!count) {
    return (
      <li>
        <Name name={name} /> <Plain value={value} />
      </li>
    );
  }
  return (
    <li>
      <button
        type="button"
        class="json-toggle"
        aria-expanded={open.value}
        onClick={() => {
          open.value = !open.value;
        }}
      >
        <svg viewBox="0 0 10 10" aria-hidden="true">
          <path d="M3 1.5 6.8 5 3 8.5" />
        </svg>
        <Name name={name} /> <span class="json-size">{sizeWords(value, count)}</span>
      </button>
      {open.value && <Members value={value} depth={depth + 1} />}
    </li>
  );
}

function Members({ value, depth }: { value: unknown; depth: number }) {
  const shown = useSignal(STEP);
  const count = sizeOf(value);
  if (!count) return <Plain value={value} />;
  const entries = Object.entries(value as object);
  return (
    <ul>
      {entries.slice(0, shown.value).map(([name, member]) => (
        <Value key={name} name={name} value={member} depth={depth} />
      ))}
      {entries.length > shown.value && (
        <li>
          <button
            type="button"
            class="json-more"
            onClick={() => {
              shown.value += STEP;
            }}
          >
            {(entries.length - shown.value).toLocaleString("en")} more
          </button>
        </li>
      )}
    </ul>
  );
}

function Name({ name }: { name: string }) {
  return (
    <span class="json-name">
      <Text value={name} limit={200} />
    </span>
  );
}

function Plain({ value }: { value: unknown }) {
  if (typeof value === "string") {
    return (
      <span class="json-text">
        <Text value={value} limit={10_000} />
      </span>
    );
  }
  const words = Array.isArray(value) ? "[ ]" : isRecord(value) ? "{ }" : plainWords(value);
  return <span class="json-plain">{words}</span>;
}

function plainWords(value: unknown): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

/** How many members a value has; undefined where it can have none. */
function sizeOf(value: unknown): number | undefined {
  if (Array.isArray(value)) return value.length;
  return isRecord(value) ? Object.keys(value).length : undefined;
}

function sizeWords(value: unknown, count: number): string {
  return Array.isArray(value) ? `[${count.toLocaleString("en")}]` : `{${count.toLocaleString("en")}}`;
}
