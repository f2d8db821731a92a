import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useEffect, useLayoutEffect, useState } from "react";
import { ApiError, api, CLUSTER } from "../../../../lib/api";
import { useForbidden } from "../../../../lib/session";
import type { DeployAnswer, HostKey } from "../../../../lib/types";
import { Button } from "../../../../ui/button";
import { DialogBody, DialogFooter } from "../../../../ui/dialog";
import { Field, FieldRow, SelectField, TextAreaField } from "../../../../ui/field";
import type { MethodProps } from "../add-node-dialog";
import { HostKeyCheck, useHostKey } from "./host-key-check";
import { useJumpHost } from "./jump-host";
import { JumpHostFields } from "./jump-host-fields";
import { LoginFields } from "./login-fields";
import {
  checkLogin,
  checkMachine,
  checkOrder,
  type Faults,
  faultOf,
  loginOf,
  orderOf,
  RUNTIMES,
  runtimeOf,
  type Typed,
} from "./order";
import { Refused } from "./refused";
import styles from "./ssh-form.module.css";

interface SshFormProps extends MethodProps {
  initial: Typed;
  onDeploying(jobId: string): void;
}

/** Everything that is needed to make a machine a node over SSH. */
export function SshForm({ initial, onClose, onDirty, onDeploying }: SshFormProps) {
  const [start] = useState(initial);
  const [typed, setTyped] = useState(start);
  const [faults, setFaults] = useState<Faults>({});
  const hostKey = useHostKey();
  const jump = useJumpHost(() => hostKey.see(null));
  const [jumpFaults, setJumpFaults] = useState<Faults>({});
  const forbidden = useForbidden("operator");
  const deploy = useMutation({
    mutationFn: (key: HostKey) =>
      api<DeployAnswer>(`${CLUSTER}/deploy-via-ssh`, { method: "POST", body: orderOf(typed, key, jump.body()) }),
    onSuccess: ({ jobId }) => onDeploying(jobId),
    onError: (failure) => setFaults(failure instanceof ApiError ? failure.fields : {}),
    gcTime: 0,
  });
  const change = (part: Partial<Typed>) => {
    setFaults({});
    setTyped({ ...typed, ...part });
    if (part.host !== undefined || part.port !== undefined) hostKey.see(null);
  };
  const check = (found: Faults) => {
    const there = jump.check();
    setFaults(found);
    setJumpFaults(there);
    return Object.keys(found).length + Object.keys(there).length === 0;
  };
  // Behind a jump host even its host key is seen only by somebody who may log in on the way.
  const checkLook = () => check({ ...checkMachine(typed), ...(jump.used && !jump.ownLogin && checkLogin(typed)) });
  const way = () => (jump.used ? { bastion: jump.body(), ...(!jump.ownLogin && loginOf(typed)) } : {});
  // Before the next key: Esc right after a letter asks too.
  useLayoutEffect(() => onDirty(typed !== start || jump.used), [typed, start, jump.used, onDirty]);
  useEffect(() => () => onDirty(false), [onDirty]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (check(checkOrder(typed)) && jump.ready && hostKey.trusted && hostKey.seen) deploy.mutate(hostKey.seen);
  };
  const field = (name: keyof Typed & string) => ({
    value: typed[name],
    onChange: (value: string) => change({ [name]: value }),
    error: faultOf(faults, name),
    spellCheck: false,
    autoCapitalize: "off",
    autoComplete: "off",
  });
  return (
    <form onSubmit={submit} noValidate>
      <DialogBody>
        <p className={styles.intro}>
          The machine needs an SSH server and Python 3. It gets the daemon and its agents, and registers itself.
        </p>
        <FieldRow>
          <Field label="Host or IP" required wide {...field("host")} />
          <Field label="SSH port" inputMode="numeric" {...field("port")} />
          <Field label="User" required {...field("user")} />
        </FieldRow>
        <JumpHostFields jump={jump} faults={jumpFaults} />
        <HostKeyCheck
          key={`${typed.host}:${typed.port}`}
          host={typed.host.trim()}
          port={Number(typed.port)}
          onCheck={() => jump.ready && checkLook()}
          way={way}
          hostKey={hostKey}
          error={faults.fingerprint}
        >
          {jump.used
            ? "Check the jump host's key first, and fill in its login: this one is seen from there."
            : "First make sure that it is the right machine."}
        </HostKeyCheck>
        <LoginFields typed={typed} faults={faults} onChange={change} />
        <FieldRow>
          <Field label="Node name" {...field("name")} hint="Left empty, the host is its name." />
          <Field
            label="Node ID"
            {...field("nodeId")}
            hint="Left empty, it is made of the name. Cannot be changed later."
          />
        </FieldRow>
        <TextAreaField
          label="Agents"
          rows={2}
          {...field("agents")}
          hint="Their IDs, one per line or apart by commas."
        />
        <FieldRow>
          <Field label="Capabilities" wide {...field("capabilities")} hint="Such as gpu, browser." />
          <Field
            label="Node port"
            inputMode="numeric"
            {...field("nodePort")}
            hint="Of the daemon; its agents take the next ones."
          />
        </FieldRow>
        <SelectField
          label="Runtime"
          value={typed.runtime}
          onChange={(runtime) => change({ runtime: runtimeOf(runtime) })}
          options={RUNTIMES}
          hint="Where Node.js, PM2 and the agent package come from. System packages need root, or sudo without a password."
        />
        <Refused error={deploy.error} />
      </DialogBody>
      <DialogFooter note={hostKey.trusted ? undefined : "Check and confirm the host key first."}>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          type="submit"
          kind="primary"
          busy={deploy.isPending}
          disabled={!hostKey.trusted || !jump.ready || forbidden !== undefined}
          title={forbidden}
        >
          Deploy
        </Button>
      </DialogFooter>
    </form>
  );
}
