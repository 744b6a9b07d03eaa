import { useEffect, useRef } from "preact/hooks";
import type { Suggestion } from "../../model/traces/filter_offers";
import { Text } from "../controls/text";

export function offerId(index: number): string {
  return `filter-offer-${index}`;
}

/** What may stand at the filter's cursor, as a list below it. */
export function FilterOffers(props: {
  readonly suggestions: readonly Suggestion[];
  readonly active: number;
  readonly choose: (suggestion: Suggestion) => void;
}) {
  const { suggestions, active } = props;
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    <ul
      id="filter-offers"
      ref={list}
      class="filter-offers"
      role="listbox"
      aria-label="Suggestions"
      hidden={suggestions.length === 0}
    >
      {suggestions.map((suggestion, index) => (
        <li
          key={`${suggestion.begin} ${suggestion.label}`}
          id={offerId(index)}
          role="option"
          aria-selected={index === active}
          // The field keeps the keyboard.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => props.choose(suggestion)}
        >
          <span class="filter-offer">
            <Text value={suggestion.label} limit={120} />
          </span>
          <span class="filter-offer-hint">{suggestion.hint}</span>
        </li>
      ))}
    </ul>
  );
}
