import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError, api } from "../../lib/api";
import type { JoinToken } from "../../lib/types";
import { Button } from "../../ui/button";
import { Dialog, DialogBody, DialogFooter } from "../../ui/dialog";
import { Field, FieldRow, FormFailure } from "../../ui/field";
import { SecretOnce, ShownOnce } from "../../ui/secret-once";
import { JOIN_TOKENS, JOIN_TOKENS_KEY } from "./paths";
import { bodyOf, checkToken, type Faults, type WantedToken } from "./wanted-token";

const FRESH: WantedToken = { namePattern: "", capabilities: "", uses: "1", minutes: "15", note: "" };

export function NewJoinToken({ onClose }: { onClose(): void }) {
  const queries = useQueryClient();
  const [typed, setTyped] = useState(FRESH);
  const [faults, setFaults] = useState<Faults>({});
  const create = useMutation({
    mutationFn: () => api<JoinToken>(JOIN_TOKENS, { method: "POST", body: bodyOf(typed) }),
    gcTime: 0,
    onSuccess: () => queries.invalidateQueries({ queryKey: JOIN_TOKENS_KEY }),
    onError: (failure) => setFaults(failure instanceof ApiError ? failure.fields : {}),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = checkToken(typed);
    setFaults(found);
    if (Object.keys(found).length === 0) create.mutate();
  };
  return (
    <Dialog open held={create.isSuccess} onClose={onClose} title={create.data ? "Join token" : "New join token"}>
      {create.data ? (
        <MadeJoinToken made={create.data} onClose={onClose} />
      ) : (
        <form onSubmit={submit} noValidate>
          <DialogBody>
            <TokenFields typed={typed} faults={faults} onChange={(part) => setTyped({ ...typed, ...part })} />
            <FormFailure error={create.error} />
          </DialogBody>
          <DialogFooter>
            <Button onClick={onClose}>Cancel</Button>
            <Button type="submit" kind="primary" busy={create.isPending}>
              Make token
            </Button>
          </DialogFooter>
        </form>
      )}
    </Dialog>
  );
}

interface TokenFieldsProps {
  typed: WantedToken;
  faults: Faults;
  onChange(part: Partial<WantedToken>): void;
}

function TokenFields({ typed, faults, onChange }: TokenFieldsProps) {
  const plain = { spellCheck: false, autoCapitalize: "off", autoComplete: "off" };
  return (
    <>
      <Field
        label="Node id, or a pattern"
        value={typed.namePattern}
        onChange={(namePattern) => onChange({ namePattern })}
        error={faults.namePattern}
        hint="gpu-01 is one node, gpu-* all that begin so. Empty: any name."
        {...plain}
      />
      <Field
        label="Capabilities it may have"
        value={typed.capabilities}
        onChange={(capabilities) => onChange({ capabilities })}
        error={faults.capabilities}
        hint="Separated by commas, such as gpu, docker. Empty: any."
        {...plain}
      />
      <FieldRow>
        <Field
          label="Machines"
          inputMode="numeric"
          value={typed.uses}
          onChange={(uses) => onChange({ uses })}
          error={faults.uses}
          hint="How often it can be used."
        />
        <Field
          label="Minutes"
          inputMode="numeric"
          value={typed.minutes}
          onChange={(minutes) => onChange({ minutes })}
          error={faults.minutes}
          hint="How long it counts, 1440 at most."
        />
      </FieldRow>
      <Field
        label="Note"
        value={typed.note}
        onChange={(note) => onChange({ note })}
        error={faults.note}
        hint="For you and others: what it was made for."
        maxLength={128}
      />
    </>
  );
}

function MadeJoinToken({ made, onClose }: { made: JoinToken; onClose(): void }) {
  return (
    <>
      <DialogBody>
        <ShownOnce />
        {made.command && (
          <SecretOnce label="Command" secret={made.command}>
            Run it on the machine. It needs Python 3 and curl, fetches the daemon from here and joins.
          </SecretOnce>
        )}
        {made.secret && (
          <SecretOnce label="Join token" secret={made.secret}>
            For a daemon that is there already.
          </SecretOnce>
        )}
      </DialogBody>
      <DialogFooter>
        <Button kind="primary" onClick={onClose}>
          Done
        </Button>
      </DialogFooter>
    </>
  );
}
