import { numberAt, recordAt, recordsAt, textAt, type JsonRecord } from "../model/json";
import { askConsole } from "./client";

/** What traces may have in common; the names are the daemon's. */
export const FACETS = [
  "Outcome",
  "Service",
  "HttpURL",
  "HttpMethod",
  "HttpStatus",
  "User",
  "Annotation",
  "FaultRootCause",
  "ErrorRootCause",
  "ResponseTimeRootCause",
  "ResourceARN",
] as const;

export type Facet = (typeof FACETS)[number];

export interface FacetValue {
  readonly value: string;
  /** Of a service its type, of an annotation its key. */
  readonly detail: string;
  /** Traces. */
  readonly count: number;
  /** The expression that finds them. */
  readonly filter: string;
}

export interface Facets {
  /** Traces that were looked at, and those of them that match. */
  readonly scanned: number;
  readonly matched: number;
  /** There were no more. */
  readonly complete: boolean;
  readonly values: ReadonlyMap<Facet, readonly FacetValue[]>;
}

export async function getFacets(
  range: { readonly start: number; readonly end: number },
  filter: string,
  group: string,
  signal: AbortSignal,
): Promise<Facets> {
  const answer = await askConsole(
    "facets",
    {
      start: String(range.start),
      end: String(range.end),
      filter,
      ...(group === "" ? {} : { group }),
    },
    signal,
  );
  const facets = recordAt(answer, "Facets");
  const values = FACETS.map(
    (facet) => [facet, recordsAt(recordAt(facets, facet), "Values").map(readValue)] as const,
  );
  return {
    scanned: numberAt(answer, "Scanned") ?? 0,
    matched: numberAt(answer, "Matched") ?? 0,
    complete: answer["Complete"] === true,
    values: new Map(values),
  };
}

function readValue(value: JsonRecord): FacetValue {
  return {
    value: textAt(value, "Value") ?? textAt(value, "Name") ?? "",
    detail: textAt(value, "Key") ?? textAt(value, "Type") ?? "",
    count: numberAt(value, "Count") ?? 0,
    filter: textAt(value, "Filter") ?? "",
  };
}
