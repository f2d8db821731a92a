/** Upgrades the daemons of the chosen nodes: some first, and the others when those stay well. */
import { useMutation } from "@tanstack/react-query";
import { ArrowUpCircle } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";
import { api, CLUSTER } from "../../../lib/api";
import { fleet } from "../../../lib/fleet";
import { formatCountOf } from "../../../lib/format";
import { jobPath } from "../../../lib/jobs";
import type { RolloutAnswer } from "../../../lib/types";
import { canUpgrade, useDaemonProgram } from "../../../lib/use-upgrade";
import { Button } from "../../../ui/button";
import { Dialog, DialogBody, DialogFooter } from "../../../ui/dialog";
import { Field, FieldRow, FormFailure } from "../../../ui/field";

export function UpgradeMany({ ids, may }: { ids: readonly string[]; may: boolean }) {
  const program = useDaemonProgram();
  const [asked, setAsked] = useState<readonly string[] | null>(null);
  const fit = ids.filter((id) => {
    const node = fleet.nodes.get(id);
    return node !== undefined && canUpgrade(node, program);
  });
  return (
    <>
      <Button
        icon={<ArrowUpCircle size={14} />}
        disabled={!may || fit.length === 0}
        title={fit.length === 0 ? "None of them is online with an older daemon" : undefined}
        onClick={() => setAsked(fit)}
      >
        Upgrade…
      </Button>
      {asked && (
        <Careful ids={asked} chosen={ids.length} version={program?.version ?? ""} onClose={() => setAsked(null)} />
      )}
    </>
  );
}

interface CarefulProps {
  ids: readonly string[];
  chosen: number;
  version: string;
  onClose(): void;
}

function Careful({ ids, chosen, version, onClose }: CarefulProps) {
  const [canary, setCanary] = useState("1");
  const [watch, setWatch] = useState("60");
  const [, navigate] = useLocation();
  const upgrade = useMutation({
    mutationFn: () => {
      const body = { nodes: ids, canary: Number(canary), watchSeconds: Number(watch) };
      return api<RolloutAnswer>(`${CLUSTER}/upgrades`, { method: "POST", body });
    },
    onSuccess: ({ jobId }) => navigate(jobPath(jobId)),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    upgrade.mutate();
  };
  return (
    <Dialog open onClose={onClose} title={`Upgrade ${formatCountOf(ids.length, "daemon")} to ${version}?`} narrow>
      <form onSubmit={submit} noValidate>
        <DialogBody>
          <p>
            The first ones go ahead. When they stay well for a while the others follow; at the first failure it stops.
            Agents go on meanwhile, and a daemon that is not heard in time is put back by its node.
          </p>
          {chosen > ids.length && (
            <p className="dim">
              {formatCountOf(chosen - ids.length, "node")} of those selected are offline, up to date, or without a
              daemon.
            </p>
          )}
          <FieldRow>
            <Field label="Nodes that go first" inputMode="numeric" value={canary} onChange={setCanary} />
            <Field label="Watch them for (s)" inputMode="numeric" value={watch} onChange={setWatch} />
          </FieldRow>
          <FormFailure error={upgrade.error} />
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" busy={upgrade.isPending}>
            Upgrade
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
