import { Text } from "../controls/text";

/** Says what failed and offers to try again. */
export function FailurePanel(props: {
  readonly what: string;
  readonly failure: string;
  readonly retry: () => Promise<void>;
}) {
  return (
    <section class="panel failure" role="alert">
      <div>
        <h2>{props.what}</h2>
        <p>
          <Text value={props.failure} />
        </p>
      </div>
      <button type="button" class="button" onClick={() => void props.retry()}>
        Try again
      </button>
    </section>
  );
}
