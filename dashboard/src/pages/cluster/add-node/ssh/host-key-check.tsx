import { useMutation } from "@tanstack/react-query";
import { Fingerprint, ShieldAlert } from "lucide-react";
import { type ReactNode, useState } from "react";
import { ApiError, api, CLUSTER } from "../../../../lib/api";
import { useForbidden } from "../../../../lib/session";
import type { HostKey } from "../../../../lib/types";
import { Button } from "../../../../ui/button";
import { CheckField } from "../../../../ui/field";
import styles from "./ssh-form.module.css";

/** The host key that a machine showed, and whether a person knows it to be the right one. */
export function useHostKey() {
  const [seen, setSeen] = useState<HostKey | null>(null);
  const [confirmed, confirm] = useState(false);
  const see = (key: HostKey | null) => {
    setSeen(key);
    confirm(false);
  };
  return { seen, see, confirmed, confirm, trusted: seen !== null && (seen.known || confirmed) };
}

interface HostKeyCheckProps {
  host: string;
  port: number;
  /** Whether the machine can be asked at all. */
  onCheck?(): boolean;
  hostKey: ReturnType<typeof useHostKey>;
  /** Sent along: the jump host on the way, and the login there. */
  way?(): object;
  /** Tells the button from that of another machine in the same form. */
  name?: string;
  whose?: string;
  /** What to know before it was asked. */
  children: ReactNode;
  error?: string;
}

/** Shows the machine's host key before anything is sent that proves the user. */
export function HostKeyCheck({
  host,
  port,
  onCheck = () => true,
  way = () => ({}),
  name = "host key",
  whose = "machine",
  hostKey,
  children,
  error,
}: HostKeyCheckProps) {
  const { seen, see, confirmed, confirm } = hostKey;
  const forbidden = useForbidden("operator");
  const probe = useMutation({
    mutationFn: () => api<HostKey>(`${CLUSTER}/ssh/host-key`, { method: "POST", body: { host, port, ...way() } }),
    onSuccess: see,
  });
  return (
    <div className={styles.check}>
      <div className={styles.line}>
        <Button
          icon={<Fingerprint size={15} />}
          busy={probe.isPending}
          disabled={forbidden !== undefined}
          title={forbidden}
          onClick={() => onCheck() && probe.mutate()}
        >
          {seen ? "Check again" : `Check ${name}`}
        </Button>
        {!seen && !probe.error && <span className="dim">{children}</span>}
      </div>
      {probe.error && <ProbeFailed error={probe.error} />}
      {error && (
        <p role="alert" className={styles.error}>
          {error}
        </p>
      )}
      {seen && <Seen seen={seen} whose={whose} confirmed={confirmed} onConfirm={confirm} />}
    </div>
  );
}

export function ProbeFailed({ error }: { error: Error }) {
  return (
    <div role="alert" className={styles.error}>
      <p>{error.message}</p>
      {error instanceof ApiError && error.advice && <p className={styles.advice}>{error.advice}</p>}
    </div>
  );
}

interface SeenProps {
  seen: HostKey;
  whose: string;
  confirmed: boolean;
  onConfirm(confirmed: boolean): void;
}

function Seen({ seen: { fingerprint, known, changed }, whose, confirmed, onConfirm }: SeenProps) {
  return (
    <div className={changed ? styles.changed : styles.seen} role={changed ? "alert" : "status"}>
      {changed && (
        <p className={styles.warning}>
          <ShieldAlert size={15} aria-hidden="true" /> This is another key than the one that was confirmed before.
          Somebody may stand between us and the machine. Trust it only if you know that the machine was reinstalled.
        </p>
      )}
      <p>
        <code className={styles.fingerprint}>{fingerprint}</code>
      </p>
      {known ? (
        <p className={styles.known}>It is the key that was confirmed before.</p>
      ) : (
        <>
          <p className="dim">
            Compare it with what the machine's own console says:{" "}
            <code>ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub</code>
          </p>
          <CheckField
            label={changed ? `The ${whose} was reinstalled: trust the new key` : `This is the ${whose}'s key`}
            checked={confirmed}
            onChange={onConfirm}
          />
        </>
      )}
    </div>
  );
}
