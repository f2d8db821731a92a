import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useLayoutEffect, useState } from "react";
import { ApiError, api } from "../../../../../lib/api";
import { JOBS } from "../../../../../lib/jobs";
import { useForbidden } from "../../../../../lib/session";
import type { DeployAnswer, Job, Part } from "../../../../../lib/types";
import { Button } from "../../../../../ui/button";
import { DialogBody, DialogFooter } from "../../../../../ui/dialog";
import type { MethodProps } from "../../add-node-dialog";
import { JumpLogin, useJumpLogin } from "../jump-login";
import { LoginFields } from "../login-fields";
import { checkLogin, type Faults, FRESH, loginOf, type Typed } from "../order";
import { Refused } from "../refused";
import styles from "../ssh-form.module.css";
import { HostKeysCheck } from "./host-keys-check";
import type { MachineRow } from "./machine-rows";
import { addressOf, useHostKeys } from "./many";

interface RetryManyFormProps extends MethodProps {
  job: Job;
  onDeploying(jobId: string): void;
}

/** The machines of a job that did not succeed, once more. Only what proves the user is asked for. */
export function RetryManyForm({ job, onClose, onDirty, onDeploying }: RetryManyFormProps) {
  const [typed, setTyped] = useState<Typed>(FRESH);
  const [faults, setFaults] = useState<Faults>({});
  const keys = useHostKeys();
  const forbidden = useForbidden("operator");
  const parts = job.children.filter(({ state }) => state !== "succeeded");
  const machines = parts.map(rowOf);
  const jump = useJumpLogin(parts[0]?.target.bastion);
  const retry = useMutation({
    mutationFn: () =>
      api<DeployAnswer>(`${JOBS}/${encodeURIComponent(job.id)}/retry`, {
        method: "POST",
        body: { ...loginOf(typed), bastion: jump.login(), fingerprints: keys.confirmed },
      }),
    onSuccess: ({ jobId }) => onDeploying(jobId),
    onError: (failure) => setFaults(failure instanceof ApiError ? failure.fields : {}),
    gcTime: 0,
  });
  useLayoutEffect(() => {
    onDirty(typed !== FRESH || jump.dirty);
    return () => onDirty(false);
  }, [typed, jump.dirty, onDirty]);
  const check = () => {
    const found = checkLogin(typed);
    setFaults(found);
    return jump.check() && Object.keys(found).length === 0;
  };
  const changed = parts.filter((part) => part.code === "host_key_changed" && !isConfirmed(part, keys.confirmed));
  const unsure = machines.filter((machine) => !keys.isTrusted(machine)).length;
  const ready = changed.length === 0 && unsure === 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready && check()) retry.mutate();
  };
  return (
    <form onSubmit={submit} noValidate>
      <DialogBody>
        <p className={styles.intro}>
          {parts.length === 1 ? "The machine" : `The ${parts.length} machines`} that did not succeed, as a new job. The
          host keys that were confirmed are expected.
        </p>
        <LoginFields
          typed={typed}
          faults={faults}
          onChange={(part) => {
            setFaults({});
            setTyped({ ...typed, ...part });
          }}
        />
        <JumpLogin jump={jump} />
        <HostKeysCheck
          machines={machines}
          keys={keys}
          onCheck={() => !jump.bastion || check()}
          way={() => jump.way(loginOf(typed))}
        />
        <Refused error={retry.error} />
      </DialogBody>
      <DialogFooter note={ready ? undefined : "Check and confirm the host keys that changed first."}>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          type="submit"
          kind="primary"
          busy={retry.isPending}
          disabled={!ready || forbidden !== undefined}
          title={forbidden}
        >
          {parts.length > 1 ? `Retry ${parts.length}` : "Retry"}
        </Button>
      </DialogFooter>
    </form>
  );
}

function rowOf({ host, nodeId, target }: Part, index: number): MachineRow {
  return {
    row: index + 1,
    host: host ?? "",
    port: String(target.port ?? 22),
    user: target.user ?? "",
    nodeId: nodeId ?? "",
    agents: target.agents ?? [],
    fingerprint: target.fingerprint ?? "",
    faults: {},
  };
}

function isConfirmed({ host, target }: Part, confirmed: Readonly<Record<string, string>>): boolean {
  return addressOf({ host: host ?? "", port: target.port ?? 22 }) in confirmed;
}
