import { numberAt, recordsAt, textAt } from "../model/json";
import { askConsole } from "./client";

/** Something that may stand where the cursor is; `text` is undefined where the store knows it. */
export interface Offer {
  readonly kind: string;
  readonly text: string | undefined;
  /** Of a value the keyword that it is a value of. */
  readonly of: string;
}

export interface Completion {
  /** What an offer takes the place of, in characters. */
  readonly begin: number;
  readonly end: number;
  /** What stands there already, without its opening quotation mark. */
  readonly typed: string;
  readonly offers: readonly Offer[];
}

export async function getCompletion(
  filter: string,
  cursor: number,
  signal: AbortSignal,
): Promise<Completion> {
  const answer = await askConsole("completion", { filter, cursor: String(cursor) }, signal);
  return {
    begin: numberAt(answer, "Begin") ?? cursor,
    end: numberAt(answer, "End") ?? cursor,
    typed: textAt(answer, "Typed") ?? "",
    offers: recordsAt(answer, "Offers").map((offer) => ({
      kind: textAt(offer, "Kind") ?? "",
      text: textAt(offer, "Text"),
      of: textAt(offer, "Of") ?? "",
    })),
  };
}
