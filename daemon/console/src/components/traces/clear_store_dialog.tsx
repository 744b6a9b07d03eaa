import { useSignal } from "@preact/signals";
import { describeFailure } from "../../api/client";
import { clearStore } from "../../api/segments";
import { Dialog } from "../controls/dialog";
import { Text } from "../controls/text";

/** The second thought before everything is gone. */
export function ClearStoreDialog(props: {
  readonly close: () => void;
  readonly cleared: () => void;
}) {
  const failure = useSignal<string | undefined>(undefined);
  const busy = useSignal(false);
  const clear = async () => {
    busy.value = true;
    try {
      await clearStore(AbortSignal.timeout(60_000));
      props.cleared();
    } catch (error) {
      failure.value = describeFailure(error);
      busy.value = false;
    }
  };
  return (
    <Dialog title="Clear the store?" close={props.close}>
      <p>
        Every trace that xrayd keeps on this machine is deleted, whatever the time range, group or
        filter. Sampling rules and groups stay. This cannot be undone; export what you want to keep
        first.
      </p>
      {failure.value && (
        <p role="alert">
          <Text value={failure.value} limit={500} />
        </p>
      )}
      <div class="dialog-tools">
        {/* The first button has the keyboard: Enter does no harm. */}
        <button type="button" class="button" onClick={props.close}>
          Keep the traces
        </button>
        <button type="button" class="button danger" disabled={busy.value} onClick={() => void clear()}>
          Delete every trace
        </button>
      </div>
    </Dialog>
  );
}
