import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError, api } from "../../lib/api";
import { type Role, rolesUpTo, useSession } from "../../lib/session";
import type { Token } from "../../lib/types";
import { Button } from "../../ui/button";
import { Dialog, DialogBody, DialogFooter } from "../../ui/dialog";
import { Field, FieldRow, FormFailure, SelectField } from "../../ui/field";
import { SecretOnce, ShownOnce } from "../../ui/secret-once";
import { RoleField } from "../users/role-field";
import { API_TOKENS, API_TOKENS_KEY } from "./paths";

const DAYS = [7, 30, 90, 365];

/** A token with at most one's own role. */
export function NewApiToken({ onClose }: { onClose(): void }) {
  const queries = useQueryClient();
  const own = useSession().data?.user?.role ?? "viewer";
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const [days, setDays] = useState("30");
  const create = useMutation({
    mutationFn: () => {
      const body = { name: name.trim(), role, expiresInDays: Number(days) };
      return api<Token>(API_TOKENS, { method: "POST", body });
    },
    gcTime: 0,
    onSuccess: () => queries.invalidateQueries({ queryKey: API_TOKENS_KEY }),
  });
  const fault = create.error instanceof ApiError ? create.error.fields.name : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  if (create.data) return <MadeApiToken made={create.data} onClose={onClose} />;
  return (
    <Dialog open onClose={onClose} title="New API token">
      <form onSubmit={submit} noValidate>
        <DialogBody>
          <Field
            label="Name"
            required
            value={name}
            onChange={setName}
            error={fault && `The name ${fault}`}
            hint="Which script it is for."
            autoComplete="off"
            maxLength={64}
          />
          <FieldRow>
            <RoleField role={role} onChange={setRole} roles={rolesUpTo(own)} />
            <SelectField
              label="Counts for"
              value={days}
              onChange={setDays}
              options={DAYS.map((number) => ({ value: String(number), label: `${number} days` }))}
            />
          </FieldRow>
          {!fault && <FormFailure error={create.error} />}
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" busy={create.isPending} disabled={name.trim() === ""}>
            Make token
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}

function MadeApiToken({ made, onClose }: { made: Token; onClose(): void }) {
  return (
    <Dialog open held onClose={onClose} title={made.name}>
      <DialogBody>
        <ShownOnce />
        <SecretOnce label="API token" secret={made.secret ?? ""}>
          Send it as the header <code>Authorization: Bearer …</code>
        </SecretOnce>
      </DialogBody>
      <DialogFooter>
        <Button kind="primary" onClick={onClose}>
          Done
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
