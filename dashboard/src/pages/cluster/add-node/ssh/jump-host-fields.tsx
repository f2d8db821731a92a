import { useState } from "react";
import { CheckField, Field, FieldRow } from "../../../../ui/field";
import { HostKeyCheck } from "./host-key-check";
import type { JumpHost } from "./jump-host";
import styles from "./jump-host.module.css";
import { LoginFields } from "./login-fields";
import { type Faults, faultOf, type Typed } from "./order";

/** A host on the way, for machines that cannot be reached directly; folded away for all others. */
export function JumpHostFields({ jump, faults }: { jump: JumpHost; faults: Faults }) {
  const [open, setOpen] = useState(false);
  const { typed, change, ownLogin, setOwnLogin, hostKey, used } = jump;
  const field = (name: "host" | "port" | "user") => ({
    value: typed[name],
    onChange: (value: string) => change({ [name]: value }),
    error: faultOf(faults, name),
    spellCheck: false,
    autoCapitalize: "off",
    autoComplete: "off",
  });
  return (
    <details className={styles.jump} open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className={styles.summary}>
        Through a jump host <span className="dim">{used ? typed.host.trim() : "only if there is no direct way"}</span>
      </summary>
      {open && (
        <fieldset className={styles.fields}>
          <legend className="readers-only">Jump host</legend>
          <FieldRow>
            <Field label="Jump host" wide {...field("host")} hint="The machines are reached from there." />
            <Field label="Its SSH port" inputMode="numeric" {...field("port")} />
            <Field label="User there" {...field("user")} />
          </FieldRow>
          {used && (
            <HostKeyCheck
              key={`${typed.host}:${typed.port}`}
              host={typed.host.trim()}
              port={Number(typed.port)}
              hostKey={hostKey}
              name="jump host's key"
              whose="jump host"
            >
              It has a host key of its own.
            </HostKeyCheck>
          )}
          <CheckField
            label="It wants another login than the machine"
            checked={ownLogin}
            onChange={setOwnLogin}
            hint="Without one, the login below is used for both."
          />
          {ownLogin && <LoginFields typed={typed} faults={faults} onChange={(part: Partial<Typed>) => change(part)} />}
        </fieldset>
      )}
    </details>
  );
}
