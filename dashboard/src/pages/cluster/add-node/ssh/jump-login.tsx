/** The login of the jump host of an earlier deploy, if it has one of its own. */
import { useState } from "react";
import type { Bastion } from "../../../../lib/types";
import { CheckField } from "../../../../ui/field";
import styles from "./jump-host.module.css";
import { LoginFields } from "./login-fields";
import { checkLogin, type Faults, FRESH, type Login, loginOf, type Typed } from "./order";

export function useJumpLogin(bastion: Bastion | null | undefined) {
  const [typed, setTyped] = useState<Typed>(FRESH);
  const [own, setOwn] = useState(false);
  const [faults, setFaults] = useState<Faults>({});
  const used = Boolean(bastion) && own;
  return {
    bastion,
    typed,
    own,
    setOwn,
    faults,
    dirty: own,
    change: (part: Partial<Typed>) => {
      setFaults({});
      setTyped({ ...typed, ...part });
    },
    /** Whether it can be sent. */
    check: (): boolean => {
      const found = used ? checkLogin(typed) : {};
      setFaults(found);
      return Object.keys(found).length === 0;
    },
    login: (): Login | undefined => (used ? loginOf(typed) : undefined),
    /** Sent along with a look at a machine behind it; `otherwise` is the login of the machine. */
    way: (otherwise: Login): object => {
      if (!bastion) return {};
      return used ? { bastion: { ...bastion, ...loginOf(typed) } } : { bastion, ...otherwise };
    },
  };
}

export function JumpLogin({ jump }: { jump: ReturnType<typeof useJumpLogin> }) {
  if (!jump.bastion) return null;
  const { host, user } = jump.bastion;
  return (
    <fieldset className={styles.login}>
      <legend className="readers-only">Jump host</legend>
      <CheckField
        label={`The jump host ${user ? `${user}@` : ""}${host} wants another login than the machine`}
        checked={jump.own}
        onChange={jump.setOwn}
        hint="Without one, the login of the machine is used for both."
      />
      {jump.own && <LoginFields typed={jump.typed} faults={jump.faults} onChange={jump.change} />}
    </fieldset>
  );
}
