import type { Facets } from "../../api/facets";
import { oneColumn } from "../../stores/narrow";
import { Refiners } from "./refiners";

/** The refiners beside the list; above it, closed, where there is no room beside it. */
export function RefinePanel(props: {
  readonly facets: Facets | undefined;
  /** The counts are still those of another list. */
  readonly isOld: boolean;
  readonly filter: string;
  readonly toggle: (term: string) => void;
}) {
  const { facets, isOld, filter, toggle } = props;
  const refiners = facets && <Refiners facets={facets} filter={filter} toggle={toggle} />;
  if (!oneColumn.value) {
    return (
      <aside class="refine" aria-label="Refine" aria-busy={isOld}>
        {refiners}
      </aside>
    );
  }
  return (
    <details class="panel refine" aria-busy={isOld}>
      <summary>Refine</summary>
      {refiners}
    </details>
  );
}
