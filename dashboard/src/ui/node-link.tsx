import { Link } from "wouter";
import { fleet } from "../lib/fleet";
import { useNode } from "../lib/use-fleet";
import styles from "./node-link.module.css";

/** A node by its id: a link when it is there, else only its name. */
export function NodeLink({ id }: { id: string }) {
  useNode(id);
  if (!fleet.nodes.has(id)) return <code>{id || "–"}</code>;
  return (
    <Link href={`/operations/cluster/${encodeURIComponent(id)}`} className={styles.link}>
      <code>{id}</code>
    </Link>
  );
}
