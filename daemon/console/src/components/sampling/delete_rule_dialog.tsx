import { useSignal } from "@preact/signals";
import { ApiError, describeFailure } from "../../api/client";
import { deleteSamplingRule } from "../../api/sampling";
import { Dialog } from "../controls/dialog";
import { Text } from "../controls/text";

export function DeleteRuleDialog(props: {
  readonly name: string;
  readonly close: () => void;
  readonly deleted: () => void;
}) {
  const failure = useSignal<string | undefined>(undefined);
  const remove = async () => {
    try {
      await deleteSamplingRule(props.name, AbortSignal.timeout(20_000));
      props.deleted();
    } catch (error) {
      failure.value = error instanceof ApiError ? error.reason : describeFailure(error);
    }
  };
  return (
    <Dialog title="Delete this rule?" close={props.close}>
      <p>
        <Text value={props.name} limit={64} />: requests that it matched are decided by the rules
        after it as soon as samplers have asked again.
      </p>
      {failure.value !== undefined && (
        <p role="alert">
          <Text value={failure.value} limit={500} />
        </p>
      )}
      <div class="dialog-tools">
        <button type="button" class="button" onClick={props.close}>
          Keep it
        </button>
        <button type="button" class="button danger" onClick={() => void remove()}>
          Delete
        </button>
      </div>
    </Dialog>
  );
}
