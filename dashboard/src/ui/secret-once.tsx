import type { ReactNode } from "react";
import { CopyButton } from "./copy-button";
import styles from "./secret-once.module.css";

interface SecretOnceProps {
  label: string;
  secret: string;
  /** What it is for and how long it counts. */
  children?: ReactNode;
}

/** A secret that the control plane does not keep: who closes this without a copy has lost it. */
export function SecretOnce({ label, secret, children }: SecretOnceProps) {
  return (
    <section className={styles.secret} aria-label={label}>
      <div className={styles.line}>
        <h3 className={styles.label}>{label}</h3>
        <CopyButton compact text={secret} label={`Copy ${label.toLowerCase()}`} />
      </div>
      <pre className={styles.text} data-secret="">
        {secret}
      </pre>
      {children && <p className={styles.note}>{children}</p>}
    </section>
  );
}

/** Says what is lost by closing. */
export function ShownOnce() {
  return (
    <p className={styles.warning}>
      <b>Copy it now.</b> It is not stored in a readable form and not shown again.
    </p>
  );
}
