import { LogOut, MonitorX, UserRound } from "lucide-react";
import { Suspense, useState } from "react";
import { part } from "../lib/part";
import { signOut, useSession } from "../lib/session";
import type { Person as SignedInPerson } from "../lib/types";
import { Confirm } from "../ui/confirm";
import { Menu, MenuItem, MenuLine } from "../ui/menu";
import { toast } from "../ui/toast";
import styles from "./person.module.css";

const AccountDialog = part(() => import("./account/account-dialog"));

/** Who is signed in; a menu with what concerns only them. */
export function Person() {
  const { data: session } = useSession();
  if (!session?.user) return null;
  if (session.auth === "off") {
    return (
      <div className={styles.person}>
        <Face name="Everybody" note="Sign-in is off" />
      </div>
    );
  }
  return <PersonMenu user={session.user} />;
}

function PersonMenu({ user }: { user: SignedInPerson }) {
  const [asked, setAsked] = useState<"account" | "everywhere" | null>(null);
  const close = () => setAsked(null);
  const leave = (everywhere: boolean) => {
    close();
    signOut(everywhere).catch((failure: Error) => toast({ tone: "bad", text: failure.message }));
  };
  const trigger = (
    <button type="button" className={styles.person}>
      <Face name={user.name} note={user.role} />
      <span className="readers-only">: your account</span>
    </button>
  );
  return (
    <>
      <Menu trigger={trigger} align="start">
        <MenuItem icon={<UserRound size={14} />} onSelect={() => setAsked("account")}>
          Account…
        </MenuItem>
        <MenuLine />
        <MenuItem icon={<LogOut size={14} />} onSelect={() => leave(false)}>
          Sign out
        </MenuItem>
        <MenuItem icon={<MonitorX size={14} />} onSelect={() => setAsked("everywhere")}>
          Sign out everywhere…
        </MenuItem>
      </Menu>
      <Suspense>{asked === "account" && <AccountDialog onClose={close} />}</Suspense>
      <Confirm
        open={asked === "everywhere"}
        onClose={close}
        title="Sign out everywhere?"
        action="Sign out everywhere"
        onConfirm={() => leave(true)}
      >
        Every browser in which you are signed in, this one too, has to sign in again. API tokens stay.
      </Confirm>
    </>
  );
}

function Face({ name, note }: { name: string; note: string }) {
  return (
    <>
      <span className={styles.avatar} aria-hidden="true">
        {name.slice(0, 2).toUpperCase()}
      </span>
      <span>
        <b>{name}</b>
        <small>{note}</small>
      </span>
    </>
  );
}
