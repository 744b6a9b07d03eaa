import type { Statistics } from "../../api/service_graph";
import { OUTCOMES, STATUS_MEANINGS, STATUS_WORDS, type Outcome } from "../../model/status";
import { StatusShape } from "../controls/status_mark";

/** How requests ended, and which of them are wanted. */
export function OutcomeTable(props: {
  readonly statistics: Statistics;
  readonly chosen: ReadonlySet<Outcome>;
  readonly choose: (chosen: ReadonlySet<Outcome>) => void;
}) {
  const { statistics, chosen, choose } = props;
  return (
    <div class="outcomes" role="group" aria-label="Outcomes to view">
      {OUTCOMES.map((outcome) => {
        const count = statistics[outcome];
        const share = statistics.total > 0 ? count / statistics.total : 0;
        return (
          <label key={outcome} class={`outcome status-${outcome}`} title={STATUS_MEANINGS[outcome]}>
            <input
              type="checkbox"
              checked={chosen.has(outcome)}
              onChange={(event) => {
                const next = new Set(chosen);
                if (event.currentTarget.checked) next.add(outcome);
                else next.delete(outcome);
                choose(next);
              }}
            />
            <StatusShape status={outcome} />
            <span>{STATUS_WORDS[outcome]}</span>
            <span class="outcome-bar" aria-hidden="true">
              <span style={{ width: `${share * 100}%` }} />
            </span>
            <span class="number">{count.toLocaleString("en")}</span>
            <span class="number note">{shareText(share)}</span>
          </label>
        );
      })}
    </div>
  );
}

function shareText(share: number): string {
  if (share > 0 && share < 0.000_5) return "< 0.1 %";
  if (share < 1 && share > 0.999_5) return "> 99.9 %";
  return `${(share * 100).toFixed(share === 1 || share === 0 ? 0 : 1)} %`;
}
