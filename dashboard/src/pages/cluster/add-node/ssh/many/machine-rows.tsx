import type { HostKeySeen, MachineView } from "../../../../../lib/types";
import { Chips } from "../../../../../ui/badge";
import { CheckField } from "../../../../../ui/field";
import { type Column, Table } from "../../../../../ui/table";
import { addressOf, type ManyKeys } from "./many";
import styles from "./many.module.css";

export type MachineRow = Pick<
  MachineView,
  "row" | "host" | "port" | "user" | "nodeId" | "agents" | "fingerprint" | "faults"
>;

/** The machines as the control plane read them, each with what is wrong, and its host key to be confirmed. */
export function MachineRows({ machines, keys }: { machines: readonly MachineRow[]; keys: ManyKeys }) {
  return (
    <div className={styles.rows}>
      <Table label="Machines" rows={machines} columns={columnsWith(keys)} rowKey={({ row }) => row} />
    </div>
  );
}

function columnsWith(keys: ManyKeys): readonly Column<MachineRow>[] {
  return [
    { title: "#", figure: true, cell: ({ row }) => row },
    { title: "Machine", cell: (machine) => <Machine machine={machine} /> },
    {
      title: "Agents",
      wideOnly: true,
      cell: ({ agents }) => (agents.length ? <Chips names={agents} most={3} /> : "–"),
    },
    { title: "Host key", cell: (machine) => <Key machine={machine} keys={keys} /> },
  ];
}

function Machine({ machine: { host, port, user, nodeId, faults } }: { machine: MachineRow }) {
  return (
    <div className={styles.machine}>
      <code>{`${user && `${user}@`}${host || "–"}${port && port !== "22" ? `:${port}` : ""}`}</code>
      {nodeId && nodeId !== host && <small className="dim">{nodeId}</small>}
      {Object.entries(faults).map(([field, said]) => (
        <small key={field} className={styles.fault}>
          <b>{field}</b> {said}
        </small>
      ))}
    </div>
  );
}

function Key({ machine, keys }: { machine: MachineRow; keys: ManyKeys }) {
  const seen = keys.looks[addressOf(machine)];
  if (Object.keys(machine.faults).length) return <span className="dim">–</span>;
  if (!seen) return <span className="dim">{machine.fingerprint ? "known" : "not checked"}</span>;
  if (seen.error) return <Unseen seen={seen} />;
  const expected = machine.fingerprint === "" || machine.fingerprint === seen.fingerprint;
  return (
    <div className={styles.key}>
      {(seen.changed || !expected) && <small className={styles.fault}>Another key than the confirmed one</small>}
      <code className={styles.fingerprint}>{seen.fingerprint}</code>
      {seen.known || (machine.fingerprint !== "" && expected) ? (
        <small className={styles.known}>known</small>
      ) : (
        <CheckField
          label={seen.changed ? "Reinstalled: trust it" : "It is its key"}
          checked={keys.confirmed[addressOf(machine)] === seen.fingerprint}
          onChange={(yes) => keys.confirm([seen], yes)}
        />
      )}
    </div>
  );
}

function Unseen({ seen: { error, advice } }: { seen: HostKeySeen }) {
  return (
    <small className={styles.fault}>
      {error}
      {advice && <span className={styles.advice}>. {advice}</span>}
    </small>
  );
}
