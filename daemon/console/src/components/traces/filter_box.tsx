import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Facets } from "../../api/facets";
import { withSuggestion, type Suggestion } from "../../model/traces/filter_offers";
import type { FilterFault } from "../../model/traces/filter_text";
import { visibleLine } from "../../model/visible_text";
import { useSuggestions } from "../../stores/use_suggestions";
import { FilterOffers, offerId } from "./filter_offers";

interface FilterBoxProps {
  readonly filter: string;
  /** What is wrong with the filter, and where. */
  readonly fault: (FilterFault & { readonly message: string }) | undefined;
  readonly apply: (filter: string) => void;
  /** Called when somebody begins to write: what the store knows is wanted then. */
  readonly begin: () => void;
  readonly facets: Facets | undefined;
}

/** Where a filter expression is written, with what may stand where the cursor is. */
export function FilterBox(props: FilterBoxProps) {
  const { filter, fault, apply } = props;
  const [text, setText] = useState(filter);
  // What somebody stands on stays while counts and order change with new traces.
  const [chosen, setChosen] = useState<{ text: string; filter: string } | undefined>();
  const input = useRef<HTMLInputElement>(null);
  const place = useRef<number | undefined>(undefined);
  const accepted = useRef<{ text: string; filter: string } | undefined>(undefined);
  const { suggestions, stale, typed, suggest, close } = useSuggestions(text, props.facets);
  useEffect(() => setText(filter), [filter]);
  const active =
    chosen?.filter === text ? suggestions.findIndex((one) => one.text === chosen.text) : -1;
  const stepTo = (index: number) =>
    setChosen({ text: suggestions[index]?.text ?? "", filter: text });

  const ask = () => {
    const { current } = input;
    if (!current) return;
    const before = current.value.slice(0, current.selectionStart ?? current.value.length);
    suggest(current.value, [...before].length);
  };
  const accept = (suggestion: Suggestion) => {
    if (stale) {
      accepted.current = { text: suggestion.text, filter: text };
      return;
    }
    const next = withSuggestion(text, suggestion);
    place.current = next.cursor;
    setText(next.filter);
  };
  // What was accepted of offers for an earlier text is written once those for this one are there.
  useLayoutEffect(() => {
    const { current } = accepted;
    if (stale || !current) return;
    accepted.current = undefined;
    const offer = suggestions.find((one) => one.text === current.text);
    if (offer && current.filter === text) accept(offer);
  }, [suggestions, stale]);
  // The cursor can be placed once the text is there.
  useLayoutEffect(() => {
    const { current } = place;
    if (current === undefined) return;
    place.current = undefined;
    input.current?.focus();
    input.current?.setSelectionRange(current, current);
    ask();
  }, [text]);
  const closeOffers = () => {
    accepted.current = undefined;
    setChosen(undefined);
    close();
  };
  const submit = (wanted: string) => {
    closeOffers();
    apply(wanted.trim());
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const count = suggestions.length;
    if (count === 0) {
      if (event.key === "ArrowDown") ask();
      return;
    }
    const meant = suggestions[active] ?? (typed === "" ? undefined : suggestions[0]);
    if (event.key === "ArrowDown") stepTo((active + 1) % count);
    else if (event.key === "ArrowUp") stepTo((active <= 0 ? count : active) - 1);
    else if (event.key === "Escape") closeOffers();
    else if (event.key === "Enter" && suggestions[active]) accept(suggestions[active]);
    else if (event.key === "Tab" && !event.shiftKey && meant) accept(meant);
    else return;
    event.preventDefault();
  };
  return (
    <form
      class="filter-box"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        submit(text);
      }}
    >
      <label class="sr-only" for="filter">
        Filter expression
      </label>
      <div class="filter-field">
        <input
          id="filter"
          ref={input}
          type="text"
          role="combobox"
          enterKeyHint="search"
          aria-expanded={suggestions.length > 0}
          aria-controls="filter-offers"
          aria-autocomplete="list"
          aria-activedescendant={active >= 0 ? offerId(active) : undefined}
          aria-invalid={fault !== undefined}
          aria-describedby={fault ? "filter-fault" : undefined}
          spellcheck={false}
          autocomplete="off"
          autocapitalize="off"
          placeholder='Filter: service("shop") { fault } AND responsetime > 0.5'
          value={text}
          onFocus={props.begin}
          onBlur={closeOffers}
          onClick={ask}
          onInput={(event) => {
            setText(event.currentTarget.value);
            ask();
          }}
          onKeyDown={onKeyDown}
        />
        <FilterOffers suggestions={suggestions} active={active} choose={accept} />
      </div>
      <button type="submit" class="button">
        Filter
      </button>
      {filter !== "" && (
        <button
          type="button"
          class="button"
          onClick={() => {
            setText("");
            submit("");
            input.current?.focus();
          }}
        >
          Clear
        </button>
      )}
      {fault && (
        <div class="filter-fault" id="filter-fault" role="alert">
          <FaultyExpression expression={filter} before={fault.before} />
          <p>{visibleLine(fault.message, 2000)}</p>
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
