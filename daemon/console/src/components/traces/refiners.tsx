import { useSignal } from "@preact/signals";
import type { Facet, Facets, FacetValue } from "../../api/facets";
import { hasTerm } from "../../model/traces/filter_terms";
import { plural, splitUrl } from "../../model/format";
import { OUTCOMES, STATUS_WORDS, type Status } from "../../model/status";
import { visibleLine } from "../../model/visible_text";
import { StatusShape } from "../controls/status_mark";
import { Text } from "../controls/text";

const TITLES: readonly (readonly [Facet, string])[] = [
  ["Outcome", "Status"],
  ["Service", "Service"],
  ["HttpURL", "URL"],
  ["HttpMethod", "Method"],
  ["HttpStatus", "Response code"],
  ["User", "User"],
  ["Annotation", "Annotation"],
  ["FaultRootCause", "Fault root cause"],
  ["ErrorRootCause", "Error root cause"],
];

const SHOWN_FIRST = 5;

/** What the found traces have in common, with counts; a click narrows the list or widens it again. */
export function Refiners(props: {
  readonly facets: Facets;
  readonly filter: string;
  readonly toggle: (term: string) => void;
}) {
  return (
    <div class="refiners">
      <p class="note">{countWords(props.facets)}</p>
      {TITLES.map(([facet, title]) => {
        const values = inOrder(facet, props.facets.values.get(facet) ?? []);
        return (
          values.length > 0 && (
            <Refiner key={facet} {...props} facet={facet} title={title} values={values} />
          )
        );
      })}
    </div>
  );
}

/** By how many there are, but outcomes as everywhere. */
function inOrder(facet: Facet, values: readonly FacetValue[]): readonly FacetValue[] {
  if (facet !== "Outcome") return values;
  const order: readonly string[] = [...OUTCOMES, "progress"];
  return [...values].sort((a, b) => order.indexOf(a.value) - order.indexOf(b.value));
}

/** What the counts are about: of a big store they are those of its newest part. */
function countWords({ scanned, matched, complete }: Facets): string {
  if (complete) return `Counts of all ${plural(matched, "trace")}`;
  const newest = `the newest ${scanned.toLocaleString("en")}`;
  if (matched === scanned) return `Counts of ${newest}`;
  return `Counts of ${matched.toLocaleString("en")} in ${newest}`;
}

function Refiner(props: {
  readonly facet: Facet;
  readonly title: string;
  readonly values: readonly FacetValue[];
  readonly filter: string;
  readonly toggle: (term: string) => void;
}) {
  const { facet, title, values, filter } = props;
  const open = useSignal(false);
  const shown = open.value ? values : values.slice(0, SHOWN_FIRST);
  const id = `refiner-${facet}`;
  return (
    <section class="refiner" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <ul>
        {shown.map((value) => (
          <li key={value.filter}>
            <button
              type="button"
              aria-pressed={hasTerm(filter, value.filter)}
              title={visibleLine(value.filter, 500)}
              onClick={() => props.toggle(value.filter)}
            >
              <Label facet={facet} value={value} />
              <span class="refiner-count">{value.count.toLocaleString("en")}</span>
            </button>
          </li>
        ))}
      </ul>
      {values.length > SHOWN_FIRST && (
        <button
          type="button"
          class="refiner-more"
          aria-expanded={open.value}
          onClick={() => {
            open.value = !open.value;
          }}
        >
          {open.value ? "Fewer" : `${values.length - SHOWN_FIRST} more`}
        </button>
      )}
    </section>
  );
}

function Label({ facet, value }: { facet: Facet; value: FacetValue }) {
  if (facet === "Outcome" && value.value in STATUS_WORDS) {
    const status = value.value as Status;
    return (
      <span class="refiner-label status-mark">
        <StatusShape status={status} />
        <span>{STATUS_WORDS[status]}</span>
      </span>
    );
  }
  const text = facet === "HttpURL" ? shortUrl(value.value) : value.value;
  return (
    <span class="refiner-label">
      {facet === "Annotation" && (
        <span class="refiner-key">
          <Text value={value.detail} limit={60} />{" "}
        </span>
      )}
      <Text value={text} limit={120} />
      {facet === "Service" && value.detail !== "" && (
        <span class="refiner-key">
          {" "}
          <Text value={value.detail.replace(/^AWS::/, "")} limit={40} />
        </span>
      )}
    </span>
  );
}

/** The path says more than the host, which most of them share. */
function shortUrl(url: string): string {
  return splitUrl(url).path;
}
