import { useQuery } from "@tanstack/react-query";
import { onlyReachedHere } from "../../../lib/addresses";
import { api } from "../../../lib/api";
import { useClock } from "../../../lib/clock";
import { epochOf } from "../../../lib/format";
import { JOBS } from "../../../lib/jobs";
import type { Job, RefusalList, SetupMade } from "../../../lib/types";
import { searchQuery } from "../../../lib/use-search";
import { Button } from "../../../ui/button";
import { DialogBody, DialogFooter } from "../../../ui/dialog";
import { SecretOnce } from "../../../ui/secret-once";
import { Until } from "../../../ui/time";
import styles from "./script-form.module.css";
import { DeployingJob } from "./ssh/deploying-job";

const LOOK_AGAIN_MS = 2000;

export type Shown = "line" | "script";

interface ScriptCommandProps {
  made: SetupMade;
  /** When it was asked for, in milliseconds. */
  madeAt: number;
  shown: Shown;
  renewing: boolean;
  onAgain(): void;
  onClose(): void;
}

/** What to run on the machine; once it runs there, the job that it began. */
export function ScriptCommand({ made, madeAt, shown, renewing, onAgain, onClose }: ScriptCommandProps) {
  const begun = useBegun(made.jobId);
  const expired = useClock((now) => Date.parse(made.expiresAt) <= now);
  if (begun) return <DeployingJob id={made.jobId} onClose={onClose} />;
  return (
    <>
      <DialogBody>
        {shown === "line" ? (
          <SecretOnce label="Command" secret={made.command}>
            It needs curl and Python 3, no root, and changes nothing before the machine was found fit. It is not shown
            again.
          </SecretOnce>
        ) : (
          <SecretOnce label="Script" secret={made.script}>
            Put it into a file on the machine and run it with <code>sh</code>. Its only secret is the join token. It is
            not shown again.
          </SecretOnce>
        )}
        <OnlyHere address={onlyReachedHere(made.command)} />
        <div className={styles.progress}>
          {expired ? (
            <span role="status">
              <b>It has expired.</b> Make a new one; no machine has run it.
            </span>
          ) : (
            <>
              <span className={styles.waiting} aria-hidden="true" />
              <span role="status">Waiting for {made.nodeId} …</span>
              <span className="dim">
                It counts for <Until at={epochOf(made.expiresAt)} />
              </span>
            </>
          )}
        </div>
        {!expired && <TurnedAway nodeId={made.nodeId} since={madeAt} />}
      </DialogBody>
      <DialogFooter>
        <Button busy={renewing} onClick={onAgain}>
          {shown === "line" ? "New line" : "New script"}
        </Button>
        <Button onClick={onClose}>Close</Button>
      </DialogFooter>
    </>
  );
}

/** Another machine could not fetch anything from an address that leads back to itself. */
function OnlyHere({ address }: { address: string | null }) {
  return address ? (
    <p className={styles.hint}>
      <b>Only the machine that Muster runs on reaches {address}.</b> For another one, start Muster with{" "}
      <code>HOST=0.0.0.0</code> and open this page at an address that it reaches, or set <code>PUBLIC_URL</code>.
    </p>
  ) : null;
}

/** Why the machine did not get in, with the code that its own screen shows. */
function TurnedAway({ nodeId, since }: { nodeId: string; since: number }) {
  const { data } = useQuery({
    queryKey: ["refusals", nodeId],
    queryFn: ({ signal }) => api<RefusalList>(`/api/refusals${searchQuery(nodeId)}`, { signal }),
    refetchInterval: 2 * LOOK_AGAIN_MS,
  });
  const refusal = data?.refusals.find((one) => one.nodeId === nodeId && Date.parse(one.last) >= since);
  return refusal ? (
    <p role="alert" className={styles.refusal}>
      It came and was turned away (<code>{refusal.code}</code>). {refusal.sentence}.
    </p>
  ) : null;
}

/** Whether the machine has begun: its job is there from the first word of the script on. */
function useBegun(jobId: string): boolean {
  const { data } = useQuery({
    queryKey: ["begun", jobId],
    queryFn: ({ signal }) => api<Job>(`${JOBS}/${jobId}`, { signal }),
    refetchInterval: ({ state }) => (state.data ? false : LOOK_AGAIN_MS),
    retry: false,
    gcTime: 0,
  });
  return data !== undefined;
}
