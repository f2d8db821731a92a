import { useQuery } from "@tanstack/react-query";
import { CircleCheck } from "lucide-react";
import { Link } from "wouter";
import { api } from "../../../lib/api";
import { useClock } from "../../../lib/clock";
import { epochOf } from "../../../lib/format";
import type { JoinToken, JoinTokenList, RefusalList } from "../../../lib/types";
import { useNode } from "../../../lib/use-fleet";
import { searchQuery } from "../../../lib/use-search";
import { Button } from "../../../ui/button";
import { DialogBody, DialogFooter } from "../../../ui/dialog";
import { SecretOnce } from "../../../ui/secret-once";
import { Until } from "../../../ui/time";
import { JOIN_TOKENS } from "../../tokens/paths";
import { nodePath } from "../node-path";
import styles from "./script-form.module.css";

const LOOK_AGAIN_MS = 4000;

interface ScriptCommandProps {
  token: JoinToken;
  renewing: boolean;
  onAgain(): void;
  onClose(): void;
}

/** The line, how long it counts, and whether the machine has come. */
export function ScriptCommand({ token, renewing, onAgain, onClose }: ScriptCommandProps) {
  const joined = useJoined(token);
  const expired = useClock((now) => Date.parse(token.expiresAt) <= now);
  return (
    <>
      <DialogBody>
        <SecretOnce label="Command" secret={token.command ?? ""}>
          Run it as the user who shall own the agents. It needs Python 3 and curl. It is not shown again.
        </SecretOnce>
        <Progress token={token} joined={joined} expired={expired} />
      </DialogBody>
      <DialogFooter>
        {!joined && (
          <Button busy={renewing} onClick={onAgain}>
            New line
          </Button>
        )}
        <Button kind={joined ? "primary" : "plain"} onClick={onClose}>
          {joined ? "Done" : "Close"}
        </Button>
      </DialogFooter>
    </>
  );
}

function Progress({ token, joined, expired }: { token: JoinToken; joined: boolean; expired: boolean }) {
  const name = token.namePattern;
  if (joined) {
    return (
      <div role="status" className={styles.progress}>
        <CircleCheck size={16} className={styles.done} aria-hidden="true" />
        <b>Registered.</b>
        <Link href={nodePath(name)} className={styles.link}>
          Open {name}
        </Link>
      </div>
    );
  }
  if (expired) {
    return (
      <div role="status" className={styles.progress}>
        <b>The line has expired.</b> Make a new one; nothing has joined with this one.
      </div>
    );
  }
  return (
    <>
      <div className={styles.progress}>
        <span className={styles.waiting} aria-hidden="true" />
        <span role="status">Waiting for {name} …</span>
        <span className="dim">
          The line counts for <Until at={epochOf(token.expiresAt)} />
        </span>
      </div>
      <TurnedAway token={token} />
    </>
  );
}

/** Why the machine did not get in, with the code that its own screen shows. */
function TurnedAway({ token }: { token: JoinToken }) {
  const { data } = useQuery({
    queryKey: ["refusals", token.namePattern],
    queryFn: ({ signal }) => api<RefusalList>(`/api/refusals${searchQuery(token.namePattern)}`, { signal }),
    refetchInterval: LOOK_AGAIN_MS,
  });
  const refusal = data?.refusals.find(({ nodeId, last }) => nodeId === token.namePattern && last >= token.createdAt);
  return refusal ? (
    <p role="alert" className={styles.refusal}>
      It came and was turned away (<code>{refusal.code}</code>). {refusal.sentence}.
    </p>
  ) : null;
}

/** Whether a machine has joined with this token: asked again whenever the stream tells of the node. */
function useJoined({ id, namePattern }: JoinToken): boolean {
  const revision = useNode(namePattern)?.revision ?? -1;
  const { data } = useQuery({
    queryKey: ["joined", id, revision],
    queryFn: ({ signal }) => api<JoinTokenList>(JOIN_TOKENS + searchQuery(namePattern), { signal }),
    enabled: ({ state }) => revision >= 0 && !has(state.data, id, namePattern),
    placeholderData: (before) => before,
    gcTime: 0,
  });
  return has(data, id, namePattern);
}

function has(list: JoinTokenList | undefined, id: string, nodeId: string): boolean {
  return list?.joinTokens.some((token) => token.id === id && token.nodes.includes(nodeId)) ?? false;
}
