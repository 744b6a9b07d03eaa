import { useSignal } from "@preact/signals";
import { useCallback, useLayoutEffect, useMemo } from "preact/hooks";
import { DeleteRuleDialog } from "../components/sampling/delete_rule_dialog";
import { FailurePanel } from "../components/shell/failure_panel";
import { SamplingEditor } from "../components/sampling/sampling_editor";
import { SamplingTable } from "../components/sampling/sampling_table";
import { plural } from "../model/format";
import { draftOf, type SamplingRule } from "../model/sampling/sampling_rule";
import { SamplingStore } from "../stores/sampling_store";
import { usePageTitle } from "../stores/use_page_title";
import { useRefresh } from "../stores/use_refresh";

type Doing =
  | { readonly kind: "create" }
  | { readonly kind: "edit" | "delete"; readonly rule: SamplingRule }
  | undefined;

/** Which requests are recorded: the rules, and what samplers report of them. */
export function SamplingPage() {
  const store = useMemo(() => new SamplingStore(), []);
  const load = useCallback(() => store.load(), [store]);
  const doing = useSignal<Doing>(undefined);
  usePageTitle("Sampling");
  // Asked before the page is painted: the answer is there a frame earlier.
  useLayoutEffect(() => {
    void load();
    return () => store.stop();
  }, [store, load]);
  useRefresh(true, load);
  const content = store.content.value;
  const failure = store.failure.value;
  const close = () => {
    doing.value = undefined;
  };
  const done = () => {
    close();
    void load();
  };
  const { value } = doing;
  return (
    <>
      <div class="page-head">
        <div>
          <h1>Sampling</h1>
          <p class="page-note" role="status">
            {content ? plural(content.rules.length, "rule") : "Reading the rules …"}
          </p>
        </div>
        <div class="page-tools">
          <button
            type="button"
            class="button primary"
            onClick={() => {
              doing.value = { kind: "create" };
            }}
          >
            New rule
          </button>
        </div>
      </div>
      <p class="page-note sampling-words">
        The first rule that matches decides: each second it records as many requests as its{" "}
        <strong>reservoir</strong> holds, and its <strong>rate</strong> of those beyond. A sampler
        without a quota yet <strong>borrows</strong> one a second.
      </p>
      {failure && (
        <FailurePanel what="The rules could not be read" failure={failure} retry={load} />
      )}
      {content && (
        <div class="panel">
          <SamplingTable
            rules={content.rules}
            counts={store.counts.value}
            edit={(rule) => {
              doing.value = { kind: "edit", rule };
            }}
            remove={(rule) => {
              doing.value = { kind: "delete", rule };
            }}
          />
        </div>
      )}
      {content && content.windows.length === 0 && (
        <p class="page-note sampling-silent">
          No sampler has reported within half an hour. An X-Ray SDK asks here with{" "}
          <code>AWS_XRAY_DAEMON_ADDRESS={location.host}</code>, an OpenTelemetry sampler with{" "}
          <code>{location.origin}</code> as its endpoint.
        </p>
      )}
      {value?.kind === "create" && <SamplingEditor rule={undefined} close={close} saved={done} />}
      {value?.kind === "edit" && (
        <SamplingEditor rule={draftOf(value.rule)} close={close} saved={done} />
      )}
      {value?.kind === "delete" && (
        <DeleteRuleDialog name={value.rule.name} close={close} deleted={done} />
      )}
    </>
  );
}
