import { CheckField, Field, FieldRow } from "../../../ui/field";
import { type FieldsProps, PLAIN } from "./field-props";

/** What a node must have to take it, and whether two copies do no harm. */
export function NeedsFields({ typed, faults, onChange }: FieldsProps) {
  return (
    <>
      <FieldRow>
        <Field
          label="Needs capabilities"
          value={typed.capabilities}
          onChange={(capabilities) => onChange({ capabilities })}
          error={faults.capabilities}
          hint="Separated by commas."
          {...PLAIN}
        />
        <Field
          label="Needs labels"
          value={typed.labels}
          onChange={(labels) => onChange({ labels })}
          error={faults.labels}
          hint="Such as region=eu, separated by commas."
          {...PLAIN}
        />
      </FieldRow>
      <FieldRow>
        <Field
          label="Needs memory, MB"
          inputMode="numeric"
          value={typed.memoryMb}
          onChange={(memoryMb) => onChange({ memoryMb })}
          error={faults.memoryMb}
        />
        <Field
          label="Needs CPU, cores"
          inputMode="decimal"
          value={typed.cpuWeight}
          onChange={(cpuWeight) => onChange({ cpuWeight })}
          error={faults.cpuWeight}
        />
      </FieldRow>
      <CheckField
        label="Two copies at once do no harm"
        checked={typed.mayOverlap}
        onChange={(mayOverlap) => onChange({ mayOverlap })}
        hint="Then a move starts the new copy before it stops the old one."
      />
    </>
  );
}
