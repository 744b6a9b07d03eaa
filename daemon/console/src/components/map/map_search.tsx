import { useSignal } from "@preact/signals";
import { nodesFound } from "../../model/map/map_focus";
import type { PlacedNode } from "../../model/map/map_layout";
import { nodeName, nodeType } from "../../model/map/map_node";

const MOST = 8;

/** Finds services by name or type. What is found stands out on the map; Enter goes there. */
export function MapSearch(props: {
  readonly nodes: readonly PlacedNode[];
  readonly text: string;
  readonly search: (text: string) => void;
  readonly goTo: (node: PlacedNode) => void;
}) {
  const { nodes, text, search, goTo } = props;
  const isOpen = useSignal(false);
  const active = useSignal(0);
  const found = nodesFound(nodes, text);
  const shown = found.slice(0, MOST);
  const isListed = isOpen.value && text.trim() !== "";
  const choose = (node: PlacedNode | undefined) => {
    if (!node) return;
    isOpen.value = false;
    search("");
    goTo(node);
  };
  return (
    <div class="map-search" role="search">
      <input
        type="search"
        role="combobox"
        aria-label="Find a service"
        aria-expanded={isListed}
        aria-controls="services-found"
        aria-autocomplete="list"
        list={undefined}
        aria-activedescendant={isListed && shown.length > 0 ? `found-${active.value}` : undefined}
        placeholder="Find a service"
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={(event) => {
          active.value = 0;
          isOpen.value = true;
          search(event.currentTarget.value);
        }}
        onBlur={() => {
          isOpen.value = false;
        }}
        onFocus={() => {
          isOpen.value = true;
        }}
        onKeyDown={(event) => {
          const { key } = event;
          if (key === "ArrowDown") active.value = Math.min(active.value + 1, shown.length - 1);
          else if (key === "ArrowUp") active.value = Math.max(active.value - 1, 0);
          else if (key === "Enter") choose(shown[active.value]);
          else if (key === "Escape") {
            search("");
            if (text === "") event.currentTarget.blur();
          } else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      />
      <ul id="services-found" role="listbox" aria-label="Services found" hidden={!isListed || shown.length === 0}>
        {shown.map((placed, index) => (
          <li
            key={placed.key}
            id={`found-${index}`}
            role="option"
            aria-selected={index === active.value}
            // Before the field loses the focus, and with it the list.
            onPointerDown={(event) => {
              event.preventDefault();
              choose(placed);
            }}
          >
            <bdi>{nodeName(placed.node)}</bdi>
            <span class="note">{nodeType(placed.node)}</span>
          </li>
        ))}
      </ul>
      <span class="sr-only" role="status">
        {text.trim() === "" ? "" : `${found.length} found`}
      </span>
      {isListed && shown.length === 0 && <p class="map-search-none">No service is called so.</p>}
    </div>
  );
}
