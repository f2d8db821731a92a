import { PasswordForm } from "../../shell/account/password-form";
import { Button } from "../../ui/button";
import styles from "./sign-in-page.module.css";

/** Who came by a link has no password yet: now is a good moment, and later is possible too. */
export function FirstPassword({ onDone }: { onDone(): void }) {
  return (
    <>
      <p>Your link counted this once. With a password you can sign in again without a new one.</p>
      <PasswordForm action="Set password" onDone={onDone} />
      <Button kind="ghost" onClick={onDone}>
        Later
      </Button>
      <p className={styles.hint}>You can set it at any time under your name, Account.</p>
    </>
  );
}
