import { useSession } from "../../lib/session";
import { Dialog, DialogBody } from "../../ui/dialog";
import styles from "./account-dialog.module.css";
import { PasswordForm } from "./password-form";
import { SecondFactor } from "./second-factor";

/** What a person may change about themselves. */
export default function AccountDialog({ onClose }: { onClose(): void }) {
  const user = useSession().data?.user;
  if (!user) return null;
  return (
    <Dialog open held asks onClose={onClose} title="Account" description={`${user.name}, ${user.role}`} narrow>
      <DialogBody>
        <section className={styles.part} aria-label="Password">
          <h3 className={styles.heading}>Password</h3>
          {!user.hasPassword && <p>You have none yet: you can sign in by link only.</p>}
          <PasswordForm action={user.hasPassword ? "Change password" : "Set password"} onDone={onClose} />
        </section>
        <section className={styles.part} aria-label="Authenticator app">
          <h3 className={styles.heading}>Authenticator app</h3>
          <SecondFactor key={String(user.totp)} isOn={user.totp} />
        </section>
      </DialogBody>
    </Dialog>
  );
}
