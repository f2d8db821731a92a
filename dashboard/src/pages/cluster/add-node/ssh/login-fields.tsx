import { Field, FieldRow, SelectField } from "../../../../ui/field";
import { KeyField } from "./key-field";
import { type Faults, faultOf, type Typed } from "./order";

const WAYS = [
  { value: "key", label: "Private key" },
  { value: "password", label: "Password" },
];

interface LoginFieldsProps {
  typed: Typed;
  faults: Faults;
  onChange(part: Partial<Typed>): void;
}

/** What proves the user on the machine. */
export function LoginFields({ typed, faults, onChange }: LoginFieldsProps) {
  const secret = { type: "password", autoComplete: "off", spellCheck: false };
  return (
    <>
      <FieldRow>
        <SelectField
          label="Sign in with"
          value={typed.way}
          options={WAYS}
          onChange={(way) => onChange({ way: way === "password" ? "password" : "key" })}
        />
        {typed.way === "key" ? (
          <Field
            {...secret}
            wide
            label="Passphrase of the key"
            value={typed.passphrase}
            onChange={(passphrase) => onChange({ passphrase })}
            error={faultOf(faults, "passphrase")}
            hint="Only if it has one."
          />
        ) : (
          <Field
            {...secret}
            wide
            required
            label="Password"
            value={typed.password}
            onChange={(password) => onChange({ password })}
            error={faultOf(faults, "password") ?? faultOf(faults, "privateKey")}
            hint="Used for this deploy only, never stored."
          />
        )}
      </FieldRow>
      {typed.way === "key" && (
        <KeyField
          value={typed.privateKey}
          onChange={(privateKey) => onChange({ privateKey })}
          error={faultOf(faults, "privateKey")}
        />
      )}
    </>
  );
}
