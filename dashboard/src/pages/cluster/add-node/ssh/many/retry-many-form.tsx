import type { FormEvent } from "react";
import type { Job, Part } from "../../../../../lib/types";
import { Button } from "../../../../../ui/button";
import { DialogBody, DialogFooter } from "../../../../../ui/dialog";
import type { MethodProps } from "../../add-node-dialog";
import { JumpLogin } from "../jump-login";
import { LoginFields } from "../login-fields";
import { FRESH, loginOf } from "../order";
import { Refused } from "../refused";
import styles from "../ssh-form.module.css";
import { useRetry } from "../use-retry";
import { HostKeysCheck } from "./host-keys-check";
import type { MachineRow } from "./machine-rows";
import { addressOf, useHostKeys } from "./many";

interface RetryManyFormProps extends MethodProps {
  job: Job;
  onDeploying(jobId: string): void;
}

/** The machines of a job that did not succeed, once more. Only what proves the user is asked for. */
export function RetryManyForm({ job, onClose, onDirty, onDeploying }: RetryManyFormProps) {
  const keys = useHostKeys();
  const parts = job.children.filter(({ state }) => state !== "succeeded");
  const machines = parts.map(rowOf);
  const { typed, faults, jump, forbidden, request, change, check, way } = useRetry({
    job,
    start: FRESH,
    bastion: parts[0]?.target.bastion,
    onDirty,
    onDeploying,
  });
  const changed = parts.filter((part) => part.code === "host_key_changed" && !isConfirmed(part, keys.confirmed));
  const unsure = machines.filter((machine) => !keys.isTrusted(machine)).length;
  const ready = changed.length === 0 && unsure === 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!ready || !check()) return;
    request.mutate({ ...loginOf(typed), bastion: jump.login(), fingerprints: keys.confirmed });
  };
  return (
    <form onSubmit={submit} noValidate>
      <DialogBody>
        <p className={styles.intro}>
          {parts.length === 1 ? "The machine" : `The ${parts.length} machines`} that did not succeed, as a new job. The
          host keys that were confirmed are expected.
        </p>
        <LoginFields typed={typed} faults={faults} onChange={change} />
        <JumpLogin jump={jump} />
        <HostKeysCheck machines={machines} keys={keys} onCheck={() => !jump.bastion || check()} way={way} />
        <Refused error={request.error} />
      </DialogBody>
      <DialogFooter note={ready ? undefined : "Check and confirm the host keys that changed first."}>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          type="submit"
          kind="primary"
          busy={request.isPending}
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
