import { useSignal } from "@preact/signals";
import { ApiError, describeFailure } from "../../api/client";
import { createSamplingRule, updateSamplingRule } from "../../api/sampling";
import { ruleFaults, type RuleFaults } from "../../model/sampling/rule_faults";
import { DEFAULT_RULE, memberOf, NEW_RULE, type RuleDraft } from "../../model/sampling/sampling_rule";
import { Dialog } from "../controls/dialog";
import { Text } from "../controls/text";

const NO_FAULTS: RuleFaults = { byField: new Map(), other: "" };

/** The form of a new rule, or of one that is there already. */
export function SamplingEditor(props: {
  /** Undefined for a new rule. */
  readonly rule: RuleDraft | undefined;
  readonly close: () => void;
  readonly saved: () => void;
}) {
  const draft = useSignal<RuleDraft>(props.rule ?? NEW_RULE);
  const faults = useSignal<RuleFaults>(NO_FAULTS);
  const busy = useSignal(false);
  const isNew = props.rule === undefined;
  const isDefault = props.rule?.name === DEFAULT_RULE;
  const save = async () => {
    busy.value = true;
    faults.value = NO_FAULTS;
    try {
      const write = isNew ? createSamplingRule : updateSamplingRule;
      await write(memberOf(draft.value), AbortSignal.timeout(20_000));
      props.saved();
    } catch (error) {
      faults.value = ruleFaults(error instanceof ApiError ? error.reason : describeFailure(error));
      busy.value = false;
    }
  };
  const field = (key: keyof RuleDraft, label: string, more: Partial<FieldProps> = {}) => (
    <Field
      name={key}
      label={label}
      value={draft.value[key]}
      fault={faults.value.byField.get(key)}
      set={(value) => {
        draft.value = { ...draft.value, [key]: value };
      }}
      {...more}
    />
  );
  return (
    <Dialog title={isNew ? "New sampling rule" : `Rule ${props.rule?.name ?? ""}`} close={props.close}>
      <form
        class="rule-form"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {isNew && field("name", "Name")}
        <div class="rule-figures">
          {!isDefault && field("priority", "Priority", { hint: "lowest first" })}
          {field("reservoirSize", "Reservoir", { unit: "/s" })}
          {field("rate", "Rate", { unit: "%" })}
        </div>
        {!isDefault && (
          <fieldset>
            <legend>Matches requests with</legend>
            <p class="note">
              <code>*</code> is any text, <code>?</code> any character
            </p>
            <div class="rule-patterns">
              {field("serviceName", "Service name")}
              {field("serviceType", "Service type")}
              {field("host", "Host")}
              {field("httpMethod", "HTTP method")}
              {field("urlPath", "URL path")}
              {field("resourceArn", "Resource ARN")}
            </div>
            {field("attributes", "Attributes", { lines: true, hint: "key=pattern, one a line" })}
          </fieldset>
        )}
        {!isDefault && (
          <fieldset>
            <legend>Boost</legend>
            <p class="note">Samplers that see failures record more for a while</p>
            <div class="rule-patterns">
              {field("boostRate", "Boost to at most", { unit: "%", hint: "empty for no boost" })}
              {field("boostCooldown", "One boost within", { unit: "min" })}
            </div>
          </fieldset>
        )}
        {faults.value.other !== "" && (
          <p class="rule-failure" role="alert">
            <Text value={faults.value.other} limit={1000} />
          </p>
        )}
        <div class="dialog-tools">
          <button type="button" class="button" onClick={props.close}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={busy.value}>
            {isNew ? "Create rule" : "Save"}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly set: (value: string) => void;
  readonly hint: string;
  readonly unit: string;
  readonly lines: boolean;
  readonly fault: string | undefined;
}

function Field(props: Partial<FieldProps> & Pick<FieldProps, "name" | "label" | "value" | "set">) {
  const { name, label, value, set, hint, unit, fault } = props;
  const id = `rule-${name}`;
  const common = {
    id,
    value,
    spellcheck: false,
    "aria-invalid": fault !== undefined,
    "aria-describedby": (fault ?? hint) === undefined ? undefined : `${id}-hint`,
  };
  return (
    <div class={unit === undefined ? "field" : "field figure"}>
      <label for={id}>{label}</label>
      {props.lines ? (
        <textarea {...common} rows={2} onInput={(event) => set(event.currentTarget.value)} />
      ) : (
        <span class="field-value">
          <input
            {...common}
            type="text"
            autocomplete="off"
            inputMode={unit === undefined ? "text" : "decimal"}
            onInput={(event) => set(event.currentTarget.value)}
          />
          {unit !== undefined && <span class="field-unit">{unit}</span>}
        </span>
      )}
      {(fault ?? hint) !== undefined && (
        <span class="field-hint" id={`${id}-hint`} role={fault === undefined ? undefined : "alert"}>
          <Text value={fault ?? hint ?? ""} limit={300} />
        </span>
      )}
    </div>
  );
}
