import { Check, CircleSlash, X } from "lucide-react";
import { epochOf, formatMoment } from "../../lib/format";
import type { AuditEntry } from "../../lib/types";
import { Badge, type Tone } from "../../ui/badge";
import { classes } from "../../ui/classes";
import { NodeLink } from "../../ui/node-link";
import { type Column, Table } from "../../ui/table";
import styles from "./audit-table.module.css";
import { actionWords, detailWords, nodeOf, targetOf } from "./audit-words";

const RESULTS: Record<AuditEntry["result"], { tone: Tone; icon: typeof Check }> = {
  done: { tone: "ok", icon: Check },
  refused: { tone: "bad", icon: CircleSlash },
  failed: { tone: "warn", icon: X },
};
const NAMELESS: Record<AuditEntry["actor"]["kind"], string> = {
  user: "a user",
  token: "an API token",
  node: "a node",
  system: "the control plane",
  nobody: "somebody unknown",
};

export function AuditTable({ entries }: { entries: readonly AuditEntry[] }) {
  return <Table label="Audit log" rows={entries} columns={COLUMNS} rowKey={(entry) => entry.id} />;
}

const COLUMNS: readonly Column<AuditEntry>[] = [
  { title: "When", wideOnly: true, cell: ({ at }) => <When at={at} /> },
  { title: "Who", wideOnly: true, cell: ({ actor }) => <Who actor={actor} /> },
  { title: "What", cell: (entry) => <What entry={entry} /> },
  { title: "Result", cell: ({ result }) => <Result result={result} /> },
  { title: "From", wideOnly: true, cell: ({ address }) => <code className={styles.unbroken}>{address || "–"}</code> },
  {
    title: "Request",
    wideOnly: true,
    cell: ({ requestId }) => <code className={styles.request}>{requestId || "–"}</code>,
  },
];

function When({ at }: { at: string }) {
  return (
    <time dateTime={at} className={styles.when}>
      {formatMoment(epochOf(at))}
    </time>
  );
}

function Who({ actor }: { actor: AuditEntry["actor"] }) {
  return (
    <>
      {actor.name || NAMELESS[actor.kind]}
      {actor.name && actor.kind !== "user" && <span className="dim"> ({actor.kind})</span>}
    </>
  );
}

function What({ entry }: { entry: AuditEntry }) {
  const node = nodeOf(entry);
  const particulars = detailWords(entry.detail);
  return (
    <>
      <span title={entry.action}>{actionWords(entry.action)}</span>{" "}
      {node ? <NodeLink id={node} /> : <code title={entry.target}>{targetOf(entry)}</code>}
      {particulars && <div className={styles.particulars}>{particulars}</div>}
      <div className={classes(styles.particulars, "phone-only")}>
        <Who actor={entry.actor} />, <When at={entry.at} />, <code>{entry.address || "no address"}</code>
      </div>
    </>
  );
}

/** By word and shape as well as by colour. */
function Result({ result }: { result: AuditEntry["result"] }) {
  const { tone, icon: Icon } = RESULTS[result];
  return (
    <Badge tone={tone}>
      <Icon size={12} strokeWidth={2.5} aria-hidden="true" />
      {result}
    </Badge>
  );
}
