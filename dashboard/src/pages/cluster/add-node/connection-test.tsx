import { useMutation } from "@tanstack/react-query";
import { Check, CircleCheck, X } from "lucide-react";
import { api, CLUSTER } from "../../../lib/api";
import type { ActionAnswer } from "../../../lib/types";
import { Button } from "../../../ui/button";
import { classes } from "../../../ui/classes";
import styles from "./connection-test.module.css";

interface Step {
  name: string;
  ok: boolean;
  ms: number;
}

type Answer = ActionAnswer & { steps?: Step[] };

const NAMES: Record<string, string> = {
  resolve: "Find the address",
  connect: "Open a connection",
  answer: "Get an answer",
};

interface ConnectionTestProps {
  host: string;
  port: number;
  /** Whether what was typed can be tried at all. */
  onCheck(): boolean;
}

/** Tries an address from the control plane and shows each step: "unreachable" alone is no help. */
export function ConnectionTest({ host, port, onCheck }: ConnectionTestProps) {
  const test = useMutation({
    mutationFn: () => api<Answer>(`${CLUSTER}/test-connection`, { method: "POST", body: { host, port } }),
  });
  return (
    <div className={styles.test}>
      <div className={styles.line}>
        <Button icon={<CircleCheck size={15} />} busy={test.isPending} onClick={() => onCheck() && test.mutate()}>
          Test connection
        </Button>
        <span role="status" className={test.data?.success ? styles.good : styles.bad}>
          {test.isPending ? "" : (test.error?.message ?? (test.data && verdict(test.data)))}
        </span>
      </div>
      {test.data && <Steps steps={test.data.steps ?? []} />}
    </div>
  );
}

function Steps({ steps }: { steps: readonly Step[] }) {
  return (
    <ol className={styles.steps}>
      {Object.keys(NAMES).map((name) => {
        const step = steps.find((each) => each.name === name);
        return (
          <li key={name} className={classes(styles.step, step && (step.ok ? styles.good : styles.bad))}>
            <span className={styles.mark} aria-hidden="true">
              {step && (step.ok ? <Check size={12} strokeWidth={3} /> : <X size={12} strokeWidth={3} />)}
            </span>
            <span className={styles.name}>{NAMES[name]}</span>
            <span className={styles.time}>{step ? `${step.ok ? "" : "failed, "}${step.ms} ms` : "not tried"}</span>
          </li>
        );
      })}
    </ol>
  );
}

function verdict({ success, latencyMs, version, error }: Answer): string {
  if (!success) return error ?? "No answer";
  return `Reachable in ${latencyMs} ms${version ? `, version ${version}` : ""}`;
}
