import { useMutation } from "@tanstack/react-query";
import { Fingerprint } from "lucide-react";
import { Button } from "../../../../../ui/button";
import { CheckField } from "../../../../../ui/field";
import { ProbeFailed } from "../host-key-check";
import sshStyles from "../ssh-form.module.css";
import { type MachineRow, MachineRows } from "./machine-rows";
import { addressOf, type ManyKeys } from "./many";

interface HostKeysCheckProps {
  machines: readonly MachineRow[];
  keys: ManyKeys;
  /** Whether the machines can be asked. */
  onCheck(): boolean;
  /** Sent along: the jump host on the way, and the login there. */
  way(): object;
}

/** Lets a person confirm the host keys of many machines: each by itself, or all new ones at once. */
export function HostKeysCheck({ machines, keys, onCheck, way }: HostKeysCheckProps) {
  const right = machines.filter(({ faults }) => Object.keys(faults).length === 0);
  const probe = useMutation({ mutationFn: () => keys.look(right, way()), gcTime: 0 });
  const looked = right.filter((machine) => keys.looks[addressOf(machine)]).length;
  const fresh = right.flatMap((machine) => {
    const seen = keys.looks[addressOf(machine)];
    return seen?.fingerprint && !seen.known && !seen.changed && machine.fingerprint === "" ? [seen] : [];
  });
  const all = fresh.every((seen) => keys.confirmed[addressOf(seen)] === seen.fingerprint);
  return (
    <>
      <MachineRows machines={machines} keys={keys} />
      <div className={sshStyles.line}>
        <Button
          icon={<Fingerprint size={15} />}
          busy={probe.isPending}
          disabled={right.length === 0}
          onClick={() => onCheck() && probe.mutate()}
        >
          {looked ? "Check again" : right.length === 1 ? "Check the host key" : `Check ${right.length} host keys`}
        </Button>
        <span className="dim" role="status">
          {probe.isPending && `${looked} of ${right.length} checked`}
        </span>
      </div>
      {probe.error && <ProbeFailed error={probe.error} />}
      {fresh.length > 1 && (
        <CheckField
          label={`All ${fresh.length} new keys are those of the machines`}
          checked={all}
          onChange={(yes) => keys.confirm(fresh, yes)}
          hint="Compare each with what the machine's own console says. One that has changed is confirmed by itself."
        />
      )}
    </>
  );
}
