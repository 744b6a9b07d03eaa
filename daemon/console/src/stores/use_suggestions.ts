import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { getCompletion, type Completion } from "../api/completion";
import type { Facets } from "../api/facets";
import { carriedOn, suggestionsOf, type Suggestion } from "../model/traces/filter_offers";

const NONE: readonly Suggestion[] = [];

export interface Suggesting {
  readonly suggestions: readonly Suggestion[];
  /** They are for an expression that was changed since, and fit it no more. */
  readonly stale: boolean;
  /** What stands before the cursor of what they would complete. */
  readonly typed: string;
  /** Asks what may stand after `cursor` characters of `filter`. */
  readonly suggest: (filter: string, cursor: number) => void;
  readonly close: () => void;
}

/** What may be written next in `text`; a failure means that nothing is offered. */
export function useSuggestions(text: string, facets: Facets | undefined): Suggesting {
  const [asked, setAsked] = useState<{ filter: string; completion: Completion } | undefined>();
  const running = useRef<AbortController | undefined>(undefined);
  const close = useCallback(() => {
    running.current?.abort();
    setAsked(undefined);
  }, []);
  const suggest = useCallback((filter: string, cursor: number) => {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    getCompletion(filter, cursor, controller.signal).then(
      (completion) => {
        if (!controller.signal.aborted) setAsked({ filter, completion });
      },
      () => {
        if (!controller.signal.aborted) setAsked(undefined);
      },
    );
  }, []);
  useEffect(() => () => running.current?.abort(), []);
  return useMemo(() => {
    const carried = asked && carriedOn(asked.completion, asked.filter, text);
    const completion = carried ?? asked?.completion;
    const suggestions = completion
      ? suggestionsOf(completion, carried ? text : asked?.filter ?? "", facets)
      : NONE;
    return { suggestions, stale: !carried, typed: completion?.typed ?? "", suggest, close };
  }, [asked, text, facets]);
}
