import type { ReactNode } from "react";
import { ApiError } from "../lib/api";
import { Button } from "./button";
import styles from "./empty.module.css";

interface EmptyProps {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}

/** Where there is nothing: what would be here, and the way to get it. */
export function Empty({ icon, title, children, action }: EmptyProps) {
  return (
    <div className={styles.empty}>
      {icon}
      <h2 className={styles.title}>{title}</h2>
      {children && <div className={styles.text}>{children}</div>}
      {action}
    </div>
  );
}

interface FailedProps {
  what: string;
  error: Error;
  retry?: string;
  onRetry(): void;
}

/** Where data would be: what failed, and a way to try again. */
export function Failed({ what, error, retry = "Try again", onRetry }: FailedProps) {
  const requestId = error instanceof ApiError ? error.requestId : null;
  return (
    <div className={styles.empty} role="alert">
      <h2 className={styles.title}>{what}</h2>
      <div className={styles.text}>
        <p>{error.message}</p>
        {requestId && (
          <p className={styles.request}>
            Request <code>{requestId}</code>
          </p>
        )}
      </div>
      <Button onClick={onRetry}>{retry}</Button>
    </div>
  );
}
