import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError, api, CLUSTER } from "../../../lib/api";
import type { Node } from "../../../lib/types";
import { Button } from "../../../ui/button";
import { DialogBody, DialogFooter } from "../../../ui/dialog";
import { Field, FieldRow } from "../../../ui/field";
import { toast } from "../../../ui/toast";
import type { MethodProps } from "./add-node-dialog";
import { ConnectionTest } from "./connection-test";
import styles from "./manual-form.module.css";
import { checkAddress, checkRegistration, type Faults, nodeIdFrom, type Registration } from "./registration";

const FRESH: Registration = { name: "", host: "", port: "3101", nodeId: "" };

/** Registers a machine that runs a daemon already, or soon will. */
export function ManualForm({ onClose }: MethodProps) {
  const [typed, setTyped] = useState(FRESH);
  const [idTouched, setIdTouched] = useState(false);
  const [faults, setFaults] = useState<Faults>({});
  const registration = idTouched ? typed : { ...typed, nodeId: nodeIdFrom(typed.name || typed.host) };
  const register = useMutation({
    mutationFn: () => api<Node>(`${CLUSTER}/register`, { method: "POST", body: bodyOf(registration) }),
    onSuccess: (node) => {
      toast({ tone: "ok", text: `${node.name} was added; it shows up with its first heartbeat` });
      onClose();
    },
    onError: (failure) => setFaults(failure instanceof ApiError ? failure.fields : {}),
  });
  const change = (part: Partial<Registration>) => {
    setFaults({});
    setTyped({ ...registration, ...part });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = checkRegistration(registration);
    setFaults(found);
    if (Object.keys(found).length === 0) register.mutate();
  };
  return (
    <form onSubmit={submit} noValidate>
      <DialogBody>
        <p className={styles.intro}>
          Register a machine that already runs the daemon. It starts reporting with its next heartbeat.
        </p>
        <Field label="Node name" value={typed.name} onChange={(name) => change({ name })} error={faults.name} />
        <FieldRow>
          <Field
            label="Host or IP"
            required
            wide
            value={typed.host}
            onChange={(host) => change({ host })}
            error={faults.host}
            spellCheck={false}
            autoCapitalize="off"
          />
          <Field
            label="Port"
            inputMode="numeric"
            value={typed.port}
            onChange={(port) => change({ port })}
            error={faults.port}
          />
        </FieldRow>
        <Field
          label="Node ID"
          required
          value={registration.nodeId}
          onChange={(nodeId) => {
            setIdTouched(true);
            change({ nodeId });
          }}
          error={faults.nodeId}
          hint="2 to 64 characters: letters, digits, dot, dash, underscore. Cannot be changed later."
          spellCheck={false}
          autoCapitalize="off"
        />
        <ConnectionTest
          key={`${typed.host}:${typed.port}`}
          host={typed.host.trim()}
          port={Number(typed.port)}
          onCheck={() => {
            const found = checkAddress(registration);
            setFaults(found);
            return Object.keys(found).length === 0;
          }}
        />
        {register.error && (
          <p role="alert" className={styles.failure}>
            {register.error.message}
          </p>
        )}
      </DialogBody>
      <DialogFooter>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" kind="primary" busy={register.isPending}>
          Add node
        </Button>
      </DialogFooter>
    </form>
  );
}

function bodyOf({ name, host, port, nodeId }: Registration) {
  return { name: name.trim() || undefined, host: host.trim(), port: Number(port), nodeId: nodeId.trim(), manual: true };
}
