import { useEffect, useRef, useState } from "preact/hooks";
import { filterFault } from "../model/filter_text";
import { visibleLine } from "../model/visible_text";

/** Where a filter expression is written. `failure` is what the last reading with it said. */
export function FilterBox(props: {
  readonly filter: string;
  readonly failure: string | undefined;
  readonly apply: (filter: string) => void;
}) {
  const { filter, failure, apply } = props;
  const [text, setText] = useState(filter);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => setText(filter), [filter]);
  const fault = failure === undefined ? undefined : filterFault(failure, filter);
  return (
    <form
      class="filter-box"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        apply(text.trim());
      }}
    >
      <label class="sr-only" for="filter">
        Filter expression
      </label>
      <input
        id="filter"
        ref={input}
        type="search"
        spellcheck={false}
        autocomplete="off"
        autocapitalize="off"
        placeholder='Filter, for example: service("shop") { fault } AND responsetime > 0.5'
        value={text}
        aria-invalid={fault !== undefined}
        aria-describedby={fault ? "filter-fault" : undefined}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <button type="submit" class="button">
        Filter
      </button>
      {filter !== "" && (
        <button
          type="button"
          class="button"
          onClick={() => {
            setText("");
            apply("");
            input.current?.focus();
          }}
        >
          Clear
        </button>
      )}
      {fault && failure !== undefined && (
        <div class="filter-fault" id="filter-fault" role="alert">
          <FaultyExpression expression={filter} before={fault.before} />
          <p>{visibleLine(failure, 2000)}</p>
        </div>
      )}
    </form>
  );
}

/** The expression with a mark under the place where it goes wrong. */
function FaultyExpression({ expression, before }: { expression: string; before: number }) {
  const characters = [...expression];
  const rest = characters.slice(before);
  return (
    <pre aria-label="Where the filter is wrong">
      {visibleLine(characters.slice(0, before).join(""), 8192)}
      <mark>{rest.length > 0 ? visibleLine(rest[0] ?? "", 8) : " "}</mark>
      {visibleLine(rest.slice(1).join(""), 8192)}
    </pre>
  );
}
