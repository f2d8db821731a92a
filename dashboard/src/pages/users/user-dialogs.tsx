/** What is asked before a user is changed. */
import { type FormEvent, useState } from "react";
import type { Role } from "../../lib/session";
import type { User } from "../../lib/types";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/confirm";
import { Dialog, DialogBody, DialogFooter } from "../../ui/dialog";
import { NewLink } from "./new-link";
import { RoleField } from "./role-field";
import { useChangeUser } from "./use-change-user";

interface UserProps {
  user: User;
  onClose(): void;
}

export interface Asked {
  what: "role" | "link" | "disable" | "remove";
  user: User;
}

export function UserDialog({ what, ...rest }: Asked & UserProps) {
  switch (what) {
    case "role":
      return <ChangeRole {...rest} />;
    case "link":
      return <NewLink {...rest} />;
    case "disable":
      return <DisableUser {...rest} />;
    default:
      return <RemoveUser {...rest} />;
  }
}

function ChangeRole({ user, onClose }: UserProps) {
  const [role, setRole] = useState<Role>(user.role);
  const change = useChangeUser(onClose);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate({ user, method: "PATCH", body: { role }, done: `${user.name} has the ${role} role now` });
  };
  return (
    <Dialog open onClose={onClose} title={`Role of ${user.name}`} narrow>
      <form onSubmit={submit}>
        <DialogBody>
          <RoleField role={role} onChange={setRole} />
          <p>It counts at once, also in pages that are open.</p>
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" busy={change.isPending} disabled={role === user.role}>
            Change role
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}

function DisableUser({ user, onClose }: UserProps) {
  const change = useChangeUser(onClose);
  const done = `${user.name} may not sign in any more`;
  return (
    <Confirm
      open
      onClose={onClose}
      title={`Disable ${user.name}?`}
      action="Disable"
      busy={change.isPending}
      onConfirm={() => change.mutate({ user, method: "PATCH", body: { disabled: true }, done })}
    >
      All sessions of {user.name} end and all API tokens are revoked, for good: scripts that use them stop working, also
      after the account is enabled again.
    </Confirm>
  );
}

function RemoveUser({ user, onClose }: UserProps) {
  const change = useChangeUser(onClose);
  return (
    <Confirm
      open
      onClose={onClose}
      title={`Delete ${user.name}?`}
      action="Delete user"
      danger
      typed={user.name}
      busy={change.isPending}
      onConfirm={() => change.mutate({ user, method: "DELETE", done: `${user.name} was deleted` })}
    >
      Sessions and API tokens of {user.name} end for good: scripts that use them stop working. What {user.name} did
      stays in the audit log.
    </Confirm>
  );
}
