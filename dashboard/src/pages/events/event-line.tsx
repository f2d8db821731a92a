import { Link } from "wouter";
import type { Event } from "../../lib/types";
import { classes } from "../../ui/classes";
import { Since } from "../../ui/time";
import { nodePath } from "../cluster/node-path";
import styles from "./event-line.module.css";
import { lookOf, reasonOf } from "./event-look";

/** One change of one node: what happened, why, when. */
export function EventLine({ event, children }: { event: Event; children?: React.ReactNode }) {
  const { icon: Icon, tone, did } = lookOf(event);
  const why = reasonOf(event);
  return (
    <li className={styles.event}>
      <span className={classes(styles.icon, styles[tone])} aria-hidden="true">
        <Icon size={13} />
      </span>
      <div className={styles.text}>
        <p>
          <Link href={nodePath(event.nodeId ?? "")} className={styles.name}>
            {event.nodeName || event.nodeId}
          </Link>{" "}
          {did}
        </p>
        {why.toLowerCase() !== did && <small>{why}</small>}
        {children}
      </div>
      <Since at={Date.parse(event.at ?? "") / 1000} suffix="" />
    </li>
  );
}
