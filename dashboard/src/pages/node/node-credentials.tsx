import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound, Link2 } from "lucide-react";
import { useState } from "react";
import { api } from "../../lib/api";
import { epochOf, formatCountOf, formatMoment } from "../../lib/format";
import { useMay } from "../../lib/session";
import type { Credential, CredentialList, RevokedCredentials } from "../../lib/types";
import { Badge } from "../../ui/badge";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/confirm";
import { Empty } from "../../ui/empty";
import { Listing } from "../../ui/listing";
import { NeedsRole } from "../../ui/needs-role";
import { Panel } from "../../ui/panel";
import { type Column, Table } from "../../ui/table";
import { Since } from "../../ui/time";
import { toast } from "../../ui/toast";
import { BlastRadius } from "../cluster/actions/blast-radius";
import { Expiry, useCounts } from "../tokens/expiry";
import { Revoke } from "../tokens/revoke";
import { tokenState } from "../tokens/token-state";
import { AgentUrl } from "./agent-url";
import { credentialsKey, credentialsPath } from "./credentials";
import styles from "./node-credentials.module.css";

/** What a node proves with that it is itself. */
export function NodeCredentials({ nodeId }: { nodeId: string }) {
  const may = useMay("operator");
  return may ? <Credentials nodeId={nodeId} /> : <NeedsRole needed="operator" />;
}

function Credentials({ nodeId }: { nodeId: string }) {
  const [asking, setAsking] = useState<"url" | "revoke" | null>(null);
  const { data, error, refetch } = useQuery({
    queryKey: credentialsKey(nodeId),
    queryFn: ({ signal }) => api<CredentialList>(credentialsPath(nodeId), { signal }),
  });
  const live = data?.credentials.filter((one) => tokenState(limitsOf(one), Date.now()) === "active") ?? [];
  const close = () => setAsking(null);
  return (
    <>
      <div className={styles.bar}>
        <Button icon={<Link2 size={14} />} onClick={() => setAsking("url")}>
          URL for an existing agent…
        </Button>
        <Button kind="danger" disabled={live.length === 0} onClick={() => setAsking("revoke")}>
          Revoke all…
        </Button>
      </div>
      <Listing
        what="The credentials of this node"
        rows={data?.credentials}
        error={error}
        onRetry={() => void refetch()}
        words=""
        empty={
          <Empty icon={<KeyRound size={20} aria-hidden="true" />} title="This node has no credential">
            A machine that joins with a join token gets one. An agent that can only be told a URL gets one in that URL.
          </Empty>
        }
      >
        {(credentials) => (
          <Panel title="Credentials" count={credentials.length}>
            <Table label="Credentials" rows={credentials} columns={columnsFor(nodeId)} rowKey={(one) => one.id} />
          </Panel>
        )}
      </Listing>
      {asking === "url" && <AgentUrl nodeId={nodeId} onClose={close} />}
      {asking === "revoke" && <RevokeAll nodeId={nodeId} live={live.length} onClose={close} />}
    </>
  );
}

const KINDS: Record<string, string> = {
  joined: "Joined with a token",
  admitted: "Let in from the waiting room",
  url: "In a URL",
};

function columnsFor(nodeId: string): readonly Column<Credential>[] {
  return [
    { title: "Kind", cell: ({ kind }) => KINDS[kind] ?? kind },
    {
      title: "Made",
      wideOnly: true,
      cell: ({ createdAt }) => <time dateTime={createdAt}>{formatMoment(epochOf(createdAt))}</time>,
    },
    {
      title: "Last used",
      cell: ({ lastUsedAt }) => (lastUsedAt ? <Since at={epochOf(lastUsedAt)} /> : "never"),
    },
    { title: "Expires", cell: (one) => <State credential={one} /> },
    { title: "Actions", figure: true, cell: (one) => <RevokeOne nodeId={nodeId} credential={one} /> },
  ];
}

function State({ credential }: { credential: Credential }) {
  const because = credential.revokedBecause;
  if (because && because !== "revoked") return <Badge tone="off">{because}</Badge>;
  return <Expiry {...limitsOf(credential)} />;
}

function RevokeOne({ nodeId, credential }: { nodeId: string; credential: Credential }) {
  const counts = useCounts(limitsOf(credential));
  if (!counts) return null;
  const isUrl = credential.kind === "url";
  return (
    <Revoke
      name={isUrl ? "the URL" : "the credential"}
      path={`${credentialsPath(nodeId)}/${credential.id}`}
      listKey={credentialsKey(nodeId)}
    >
      {isUrl
        ? "Agents that were told this URL are refused from their next heartbeat on."
        : `The daemon of ${nodeId} is refused from its next heartbeat on; the machine has to join again.`}
    </Revoke>
  );
}

interface RevokeAllProps {
  nodeId: string;
  live: number;
  onClose(): void;
}

function RevokeAll({ nodeId, live, onClose }: RevokeAllProps) {
  const queries = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => api<RevokedCredentials>(credentialsPath(nodeId), { method: "DELETE" }),
    onSuccess: ({ revoked }) =>
      toast({ tone: "ok", text: `${nodeId}: ${formatCountOf(revoked, "credential")} revoked` }),
    onError: (failure) => toast({ tone: "bad", text: `${nodeId}: ${failure.message}` }),
    onSettled: () => {
      onClose();
      return queries.invalidateQueries({ queryKey: credentialsKey(nodeId) });
    },
  });
  return (
    <Confirm
      open
      onClose={onClose}
      title={`Revoke all credentials of ${nodeId}?`}
      action="Revoke all"
      danger
      busy={revoke.isPending}
      onConfirm={() => revoke.mutate()}
    >
      <p>
        {formatCountOf(live, "credential stops", "credentials stop")} counting. Daemon and agents of {nodeId} are
        refused from their next heartbeat on: the node goes offline until the machine joins again.
      </p>
      <BlastRadius nodeId={nodeId} action="revoke" />
    </Confirm>
  );
}

function limitsOf({ expiresAt, revokedAt }: Credential) {
  return { expiresAt, revokedAt };
}
