import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { api } from "../../lib/api";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/confirm";
import { toast } from "../../ui/toast";

interface RevokeProps {
  /** What is revoked, by name. */
  name: string;
  path: string;
  /** The list that changes with it. */
  listKey: readonly unknown[];
  forbidden?: string;
  /** What follows from it. */
  children: ReactNode;
}

/** A button that asks and then revokes, for good. */
export function Revoke({ name, path, listKey, forbidden, children }: RevokeProps) {
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const revoke = useMutation({
    mutationFn: () => api(path, { method: "DELETE" }),
    onSuccess: () => toast({ tone: "ok", text: `${name} was revoked` }),
    onError: (failure) => toast({ tone: "bad", text: `${name}: ${failure.message}` }),
    onSettled: () => {
      setAsking(false);
      return queries.invalidateQueries({ queryKey: listKey });
    },
  });
  return (
    <>
      <Button
        compact
        kind="danger"
        disabled={forbidden !== undefined}
        title={forbidden}
        aria-label={`Revoke ${name}`}
        onClick={() => setAsking(true)}
      >
        Revoke
      </Button>
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        title={`Revoke ${name}?`}
        action="Revoke"
        danger
        busy={revoke.isPending}
        onConfirm={() => revoke.mutate()}
      >
        {children}
      </Confirm>
    </>
  );
}
