import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "../../lib/api";
import type { Credential } from "../../lib/types";
import { Button } from "../../ui/button";
import { Dialog, DialogBody, DialogFooter } from "../../ui/dialog";
import { FormFailure } from "../../ui/field";
import { SecretOnce, ShownOnce } from "../../ui/secret-once";
import { credentialsKey, credentialsPath } from "./credentials";

/** A credential in a URL, for agents that can be told nothing else. */
export function AgentUrl({ nodeId, onClose }: { nodeId: string; onClose(): void }) {
  const queries = useQueryClient();
  const make = useMutation({
    mutationFn: () => api<Credential>(credentialsPath(nodeId), { method: "POST", body: { kind: "url" } }),
    gcTime: 0,
    onSuccess: () => queries.invalidateQueries({ queryKey: credentialsKey(nodeId) }),
  });
  return (
    <Dialog open held={make.isSuccess} onClose={onClose} title="URL for an existing agent">
      <DialogBody>
        {make.data ? (
          <>
            <ShownOnce />
            <SecretOnce label="ENTERPRISE_URL" secret={make.data.enterpriseUrl ?? ""}>
              Set it in the agent's environment and restart the agent. It counts until it is revoked.
            </SecretOnce>
          </>
        ) : (
          <p>
            An agent that knows nothing of credentials can still speak for {nodeId}: with a URL that holds one.
            Everybody who reads the URL can do the same, so revoke it when the agent is gone.
          </p>
        )}
        <FormFailure error={make.error} />
      </DialogBody>
      <DialogFooter>
        {make.data ? (
          <Button kind="primary" onClick={onClose}>
            Done
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>Cancel</Button>
            <Button kind="primary" busy={make.isPending} onClick={() => make.mutate()}>
              Make URL
            </Button>
          </>
        )}
      </DialogFooter>
    </Dialog>
  );
}
