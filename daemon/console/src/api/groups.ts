import { recordsAt, textAt } from "../model/json";
import { callXray } from "./client";

export interface Group {
  readonly name: string;
  /** What its traces match; empty for the group of all traces. */
  readonly filter: string;
}

export async function getGroups(signal: AbortSignal): Promise<readonly Group[]> {
  const answer = await callXray("GetGroups", "/Groups", {}, signal);
  return recordsAt(answer, "Groups").flatMap((group) => {
    const name = textAt(group, "GroupName");
    return name === undefined ? [] : [{ name, filter: textAt(group, "FilterExpression") ?? "" }];
  });
}
