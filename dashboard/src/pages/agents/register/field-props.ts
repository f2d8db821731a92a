import type { Faults, TypedAgent } from "./typed-agent";

/** What every group of fields of an agent is given. */
export interface FieldsProps {
  typed: TypedAgent;
  faults: Faults;
  onChange(part: Partial<TypedAgent>): void;
}

/** For names and commands: nothing is corrected or proposed. */
export const PLAIN = { spellCheck: false, autoCapitalize: "off", autoComplete: "off" };
