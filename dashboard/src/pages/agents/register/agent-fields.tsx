import { Field, FieldRow, SelectField, TextAreaField } from "../../../ui/field";
import { type FieldsProps, PLAIN } from "./field-props";
import { NeedsFields } from "./needs-fields";
import type { TypedAgent } from "./typed-agent";

interface AgentFieldsProps extends FieldsProps {
  /** The names of what its environment holds now; null for an agent that is yet to be. */
  envNames: readonly string[] | null;
}

/** All that an agent is, but for its id and its node. */
export function AgentFields({ envNames, ...rest }: AgentFieldsProps) {
  const { typed, faults, onChange } = rest;
  return (
    <>
      <FieldRow>
        <Field label="Name" value={typed.name} onChange={(name) => onChange({ name })} maxLength={200} {...PLAIN} />
        <Field label="Role" value={typed.role} onChange={(role) => onChange({ role })} maxLength={200} {...PLAIN} />
      </FieldRow>
      <Field
        label="Command"
        value={typed.command}
        onChange={(command) => onChange({ command })}
        error={faults.command}
        hint="Not run by a shell; quotes keep blanks within a word. Empty: the command that is set for all agents."
        {...PLAIN}
      />
      <TextAreaField
        label={envNames ? "New environment" : "Environment"}
        value={typed.env}
        onChange={(env) => onChange({ env })}
        error={faults.env}
        hint={<EnvHint names={envNames} />}
        rows={2}
      />
      <NeedsFields {...rest} />
      <Field
        label="Tags"
        value={typed.tags}
        onChange={(tags) => onChange({ tags })}
        error={faults.tags}
        hint="Separated by commas: to filter by, and to pause those of a tag."
        {...PLAIN}
      />
      <LossFields {...rest} />
    </>
  );
}

function EnvHint({ names }: { names: readonly string[] | null }) {
  const written = "NAME=value, one a line. Kept sealed for the node alone; values are never shown again.";
  if (!names) return written;
  return `${names.length > 0 ? `Holds ${names.join(", ")} now. ` : "Empty now. "}What is typed here replaces all of it. ${written}`;
}

const ON_LOSS = [
  { value: "stay", label: "Stays: works on, wherever it is" },
  { value: "stop", label: "Stops: its node stops it when cut off" },
  { value: "move", label: "Moves: starts elsewhere once it has surely stopped" },
];

/** What becomes of it when its node is lost, and what it may use. */
function LossFields({ typed, faults, onChange }: FieldsProps) {
  return (
    <>
      <FieldRow>
        <SelectField
          label="When its node is lost"
          value={typed.onNodeLoss}
          onChange={(chosen) => onChange({ onNodeLoss: chosen as TypedAgent["onNodeLoss"] })}
          options={ON_LOSS}
        />
        {typed.onNodeLoss !== "stay" && (
          <Field
            label="Lease, seconds"
            inputMode="numeric"
            value={typed.leaseSeconds}
            onChange={(leaseSeconds) => onChange({ leaseSeconds })}
            error={faults.leaseSeconds}
            hint="Cut off for so long, its node stops it."
          />
        )}
      </FieldRow>
      <FieldRow>
        <Field
          label="Warn above, MB"
          inputMode="numeric"
          value={typed.memoryWarnMb}
          onChange={(memoryWarnMb) => onChange({ memoryWarnMb })}
          error={faults.memoryWarnMb}
          hint="An issue on the node."
        />
        <Field
          label="Restart above, MB"
          inputMode="numeric"
          value={typed.memoryLimitMb}
          onChange={(memoryLimitMb) => onChange({ memoryLimitMb })}
          error={faults.memoryLimitMb}
          hint="Empty: no limit."
        />
      </FieldRow>
    </>
  );
}
