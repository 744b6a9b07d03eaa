import { plural } from "../../model/format";

/** What stands above the timeline: search inside the trace, how far it is open, what is marked. */
export function TimelineTools(props: {
  readonly words: string;
  readonly setWords: (words: string) => void;
  readonly found: number;
  /** Which of the found lines is selected, from 1; 0 for none. */
  readonly place: number;
  readonly step: (by: 1 | -1) => void;
  readonly expand: () => void;
  readonly collapse: () => void;
  /** Undefined where nothing went wrong. */
  readonly toFailures: (() => void) | undefined;
  readonly pathShown: boolean;
  readonly showPath: (shown: boolean) => void;
}) {
  const { words, found, place } = props;
  return (
    <div class="timeline-tools">
      <div class="timeline-search" role="search">
        <div class="timeline-field">
          <input
            type="search"
            aria-label="Find in this trace"
            placeholder="Find: name, ID, URL, SQL, annotation"
            spellcheck={false}
            autocomplete="off"
            value={words}
            onInput={(event) => props.setWords(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key !== "Enter") return;
              event.preventDefault();
              props.step(event.shiftKey ? -1 : 1);
            }}
          />
          <output>{words.trim() !== "" && foundWords(found, place)}</output>
        </div>
        <StepButton {...props} by={-1} label="Previous line found" />
        <StepButton {...props} by={1} label="Next line found" />
      </div>
      <div class="timeline-open">
        <button type="button" class="button" onClick={props.expand}>
          Expand all
        </button>
        <button type="button" class="button" onClick={props.collapse}>
          Collapse all
        </button>
        {props.toFailures && (
          <button
            type="button"
            class="button"
            title="Open the ways to what went wrong, close the rest"
            onClick={props.toFailures}
          >
            To failures
          </button>
        )}
        <button
          type="button"
          class="button"
          aria-pressed={props.pathShown}
          title="Underline what the duration comes from"
          onClick={() => props.showPath(!props.pathShown)}
        >
          Critical path
        </button>
      </div>
    </div>
  );
}

function foundWords(found: number, place: number): string {
  if (found === 0) return "none";
  if (place === 0) return plural(found, "line");
  return `${place.toLocaleString("en")} of ${found.toLocaleString("en")}`;
}

function StepButton(props: {
  readonly by: 1 | -1;
  readonly label: string;
  readonly found: number;
  readonly step: (by: 1 | -1) => void;
}) {
  const { by, label, found, step } = props;
  return (
    <button
      type="button"
      class="button step"
      aria-label={label}
      disabled={found === 0}
      onClick={() => step(by)}
    >
      <svg viewBox="0 0 10 10" aria-hidden="true">
        <path d={by > 0 ? "M1.5 3 5 6.8 8.5 3" : "M1.5 7 5 3.2 8.5 7"} />
      </svg>
    </button>
  );
}
