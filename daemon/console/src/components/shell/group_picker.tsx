import { useEffect } from "preact/hooks";
import { visibleLine } from "../../model/visible_text";
import { goTo, serviceMapAddress, tracesAddress, type Route } from "../../router";
import { groups, readGroups } from "../../stores/groups_store";

const LONGEST = 40;

/** Whose traces the page is about: all, or those of a group. Phones show it once there is a group. */
export function GroupPicker({ route }: { route: Route & { page: "map" | "traces" } }) {
  useEffect(() => void readGroups(), [route.page]);
  const known = groups.value;
  const isUnknown = route.group !== "" && !known.some(({ name }) => name === route.group);
  return (
    <label class={known.length === 0 && !isUnknown ? "group-picker alone" : "group-picker"}>
      <span>Group</span>
      <select
        aria-label="Group"
        value={route.group}
        onFocus={() => void readGroups()}
        onChange={(event) => {
          const group = event.currentTarget.value;
          goTo(
            route.page === "map"
              ? serviceMapAddress(route.range, group)
              : tracesAddress(route.range, route.filter, group),
          );
        }}
      >
        <option value="">All traces</option>
        {known.map(({ name, filter }) => (
          <option key={name} value={name} title={visibleLine(filter)}>
            {visibleLine(name, LONGEST)}
          </option>
        ))}
        {isUnknown && <option value={route.group}>{visibleLine(route.group, LONGEST)}</option>}
      </select>
    </label>
  );
}
