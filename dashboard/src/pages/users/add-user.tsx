import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError, api } from "../../lib/api";
import type { Role } from "../../lib/session";
import type { User } from "../../lib/types";
import { Button } from "../../ui/button";
import { Dialog, DialogBody, DialogFooter } from "../../ui/dialog";
import { Field, FormFailure } from "../../ui/field";
import { RoleField } from "./role-field";
import { SignInLink } from "./sign-in-link";
import { USERS_KEY } from "./use-change-user";

/** A new user, and the link with which they come in for the first time. */
export function AddUser({ onClose }: { onClose(): void }) {
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const add = useMutation({
    mutationFn: () => api<User>("/api/users", { method: "POST", body: { name: name.trim(), role } }),
    gcTime: 0,
    onSuccess: () => queries.invalidateQueries({ queryKey: [USERS_KEY] }),
  });
  const fault = add.error instanceof ApiError ? add.error.fields.name : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  const made = add.data;
  return (
    <Dialog open held={add.isSuccess} onClose={onClose} title={made ? `${made.name} was added` : "Add user"}>
      {made?.signInLink ? (
        <SignInLink path={made.signInLink} onClose={onClose}>
          Give it to {made.name}. It signs in once, within a day; a password can be set then.
        </SignInLink>
      ) : (
        <form onSubmit={submit} noValidate>
          <DialogBody>
            <Field
              label="Name"
              required
              value={name}
              onChange={setName}
              error={fault && `The name ${fault}`}
              hint="As they will type it to sign in: letters, digits and . _ @ + -"
              autoComplete="off"
              autoCapitalize="off"
              spellCheck={false}
              maxLength={64}
            />
            <RoleField role={role} onChange={setRole} />
            {!fault && <FormFailure error={add.error} />}
          </DialogBody>
          <DialogFooter>
            <Button onClick={onClose}>Cancel</Button>
            <Button type="submit" kind="primary" busy={add.isPending} disabled={name.trim() === ""}>
              Add user
            </Button>
          </DialogFooter>
        </form>
      )}
    </Dialog>
  );
}
