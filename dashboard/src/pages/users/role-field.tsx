import { ROLES, type Role } from "../../lib/session";
import { SelectField } from "../../ui/field";

const MAY: Record<Role, string> = {
  viewer: "Sees everything about the fleet and changes nothing.",
  operator: "Also adds, restarts and removes nodes, and makes join and API tokens.",
  admin: "Also manages users, opens the waiting room and reads the audit log.",
};

interface RoleFieldProps {
  role: Role;
  onChange(role: Role): void;
  /** The roles that may be chosen. */
  roles?: readonly Role[];
}

/** A role, with what it allows. */
export function RoleField({ role, onChange, roles = ROLES }: RoleFieldProps) {
  return (
    <SelectField
      label="Role"
      value={role}
      onChange={(chosen) => onChange(chosen as Role)}
      options={roles.map((one) => ({ value: one, label: one.charAt(0).toUpperCase() + one.slice(1) }))}
      hint={MAY[role]}
    />
  );
}
