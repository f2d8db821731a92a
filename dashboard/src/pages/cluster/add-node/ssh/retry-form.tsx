import { type FormEvent, useEffect, useRef, useState } from "react";
import type { Job } from "../../../../lib/types";
import { Button } from "../../../../ui/button";
import { DialogBody, DialogFooter } from "../../../../ui/dialog";
import type { MethodProps } from "../add-node-dialog";
import { HostKeyCheck, useHostKey } from "./host-key-check";
import { JumpLogin } from "./jump-login";
import { LoginFields } from "./login-fields";
import { retryOf, typedFrom } from "./order";
import { Refused } from "./refused";
import styles from "./ssh-form.module.css";
import { useRetry } from "./use-retry";

interface RetryFormProps extends MethodProps {
  job: Job;
  /** The order itself was wrong: all of it can be typed anew. */
  onChangeOrder(): void;
  onDeploying(jobId: string): void;
}

/** The same deploy once more. All of it is known but what proves the user, which was never kept. */
export function RetryForm({ job, onClose, onDirty, onChangeOrder, onDeploying }: RetryFormProps) {
  const [start] = useState(() => typedFrom(job));
  const { typed, faults, jump, forbidden, request, change, check, way } = useRetry({
    job,
    start,
    bastion: job.target.bastion,
    onDirty,
    onDeploying,
  });
  const hostKey = useHostKey();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector("select")?.focus(), []); // the dialog was open before the job was here
  const ready = hostKey.seen ? hostKey.trusted : job.code !== "host_key_changed";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (check() && ready) request.mutate(retryOf(typed, hostKey.seen, jump.login()));
  };
  return (
    <form ref={form} onSubmit={submit} noValidate>
      <DialogBody>
        <p className={styles.intro}>
          The same deploy again, as a new job: <OrderOf job={job} />.{" "}
          <button type="button" className={styles.change} onClick={onChangeOrder}>
            Change it first
          </button>
        </p>
        <HostKeyCheck
          host={typed.host}
          port={Number(typed.port)}
          hostKey={hostKey}
          error={faults.fingerprint}
          way={way}
        >
          {ready ? "The key that was confirmed for it is expected." : "It showed another key: look at it first."}
        </HostKeyCheck>
        <LoginFields typed={typed} faults={faults} onChange={change} />
        <JumpLogin jump={jump} />
        <Refused error={request.error} />
      </DialogBody>
      <DialogFooter note={ready ? undefined : "Check and confirm the host key first."}>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          type="submit"
          kind="primary"
          busy={request.isPending}
          disabled={!ready || forbidden !== undefined}
          title={forbidden}
        >
          {job.state === "succeeded" ? "Deploy again" : "Retry"}
        </Button>
      </DialogFooter>
    </form>
  );
}

function OrderOf({ job: { nodeId, host, target } }: { job: Job }) {
  const port = target.port && target.port !== 22 ? `:${target.port}` : "";
  const agents = target.agents ?? [];
  return (
    <>
      <b>{nodeId}</b> on <code>{`${target.user ?? "root"}@${host}${port}`}</code>
      {agents.length > 0 && ` with ${agents.join(", ")}`}
    </>
  );
}
