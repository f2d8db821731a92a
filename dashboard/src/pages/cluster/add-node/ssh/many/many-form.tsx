import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useEffect, useLayoutEffect, useState } from "react";
import { ApiError, api, CLUSTER } from "../../../../../lib/api";
import { useForbidden } from "../../../../../lib/session";
import type { DeployAnswer } from "../../../../../lib/types";
import { Button } from "../../../../../ui/button";
import { DialogBody, DialogFooter } from "../../../../../ui/dialog";
import { Field, FieldRow } from "../../../../../ui/field";
import type { MethodProps } from "../../add-node-dialog";
import { useJumpHost } from "../jump-host";
import { JumpHostFields } from "../jump-host-fields";
import { LoginFields } from "../login-fields";
import { checkLogin, type Faults, FRESH, loginOf, type Typed, words } from "../order";
import { Refused } from "../refused";
import { HostKeysCheck } from "./host-keys-check";
import { MachineListField } from "./machine-list-field";
import { useHostKeys, useMachineList } from "./many";

interface ManyFormProps extends MethodProps {
  onDeploying(jobId: string): void;
}

/** Many machines from a list, with one login or one in each row; nothing is started unless all of it is right. */
export function ManyForm({ onClose, onDirty, onDeploying }: ManyFormProps) {
  const [csv, setCsv] = useState("");
  const [typed, setTyped] = useState<Typed>(FRESH);
  const [faults, setFaults] = useState<Faults>({});
  const [jumpFaults, setJumpFaults] = useState<Faults>({});
  const common = { user: typed.user.trim(), agents: words(typed.agents), capabilities: words(typed.capabilities) };
  const { machines, error, settled } = useMachineList(csv, common);
  const keys = useHostKeys();
  const jump = useJumpHost(keys.forget); // behind another one, an address is another machine
  const forbidden = useForbidden("operator");
  const deploy = useMutation({
    mutationFn: () =>
      api<DeployAnswer>(`${CLUSTER}/deploy-via-ssh`, {
        method: "POST",
        body: { csv, fingerprints: keys.confirmed, ...common, ...loginOf(typed), ...wayThere(jump) },
      }),
    onSuccess: ({ jobId }) => onDeploying(jobId),
    onError: (failure) => setFaults(failure instanceof ApiError ? loginFaults(failure.fields) : {}),
    gcTime: 0,
  });
  useLayoutEffect(() => onDirty(csv !== "" || typed !== FRESH || jump.used), [csv, typed, jump.used, onDirty]);
  useEffect(() => () => onDirty(false), [onDirty]);
  const change = (part: Partial<Typed>) => {
    setFaults({});
    setTyped({ ...typed, ...part });
  };
  const check = (needsLogin: boolean) => {
    const [found, there] = [needsLogin ? checkLogin(typed) : {}, jump.check()];
    setFaults(found);
    setJumpFaults(there);
    return Object.keys(found).length + Object.keys(there).length === 0;
  };
  const wrong = machines.filter((machine) => Object.keys(machine.faults).length > 0).length;
  const unsure = machines.filter((machine) => !keys.isTrusted(machine)).length;
  const ready = machines.length > 0 && settled && wrong === 0 && unsure === 0 && jump.ready;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready && check(machines.some(({ login }) => !login))) deploy.mutate();
  };
  const field = (name: "user" | "agents" | "capabilities") => ({
    value: typed[name],
    onChange: (value: string) => change({ [name]: value }),
    spellCheck: false,
    autoCapitalize: "off",
    autoComplete: "off",
  });
  return (
    <form onSubmit={submit} noValidate>
      <DialogBody>
        <MachineListField
          value={csv}
          onChange={(text) => {
            setCsv(text);
            deploy.reset();
          }}
          error={error?.message}
        />
        <FieldRow>
          <Field label="User" {...field("user")} hint="Where a row names none." />
          <Field label="Agents" {...field("agents")} hint="Where a row names none." />
          <Field label="Capabilities" {...field("capabilities")} hint="Where a row names none." />
        </FieldRow>
        <JumpHostFields jump={jump} faults={jumpFaults} />
        <LoginFields typed={typed} faults={faults} onChange={change} />
        {machines.length > 0 && (
          <HostKeysCheck
            machines={machines}
            keys={keys}
            onCheck={() => jump.ready && check(jump.used && !jump.ownLogin)}
            way={() => (jump.used ? { ...wayThere(jump), ...(!jump.ownLogin && loginOf(typed)) } : {})}
          />
        )}
        <Refused error={deploy.error} />
      </DialogBody>
      <DialogFooter note={noteOf(machines.length, wrong, unsure, jump.ready)}>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          type="submit"
          kind="primary"
          busy={deploy.isPending}
          disabled={!ready || forbidden !== undefined}
          title={forbidden}
        >
          {machines.length > 1 ? `Deploy to ${machines.length}` : "Deploy"}
        </Button>
      </DialogFooter>
    </form>
  );
}

function wayThere(jump: ReturnType<typeof useJumpHost>) {
  const bastion = jump.body();
  return bastion ? { bastion } : {};
}

function noteOf(count: number, wrong: number, unsure: number, jumpReady: boolean): string | undefined {
  if (count === 0) return undefined;
  if (!jumpReady) return "Check and confirm the jump host's key first.";
  if (wrong > 0) return wrong === 1 ? "One row is wrong." : `${wrong} rows are wrong.`;
  if (unsure > 0) return unsure === 1 ? "One host key is to be confirmed." : `${unsure} host keys are to be confirmed.`;
  return undefined;
}

/** The login stands once, whichever row it was refused for. */
function loginFaults(fields: Faults): Faults {
  const names = ["privateKey", "passphrase", "password"];
  const found = Object.entries(fields).map(([name, said]) => [name.split(".").at(-1) ?? "", said] as const);
  return Object.fromEntries(found.filter(([name]) => names.includes(name)));
}
