/** The jump host of a form: left empty, the machines are reached directly. */
import { useState } from "react";
import type { Bastion } from "../../../../lib/types";
import { useHostKey } from "./host-key-check";
import { checkLogin, checkMachine, type Faults, FRESH, loginOf, type Typed } from "./order";

export function useJumpHost(onAnother = () => {}) {
  const [typed, setTyped] = useState<Typed>(FRESH);
  const [ownLogin, setOwnLogin] = useState(false);
  const hostKey = useHostKey();
  const used = typed.host.trim() !== "";
  const change = (part: Partial<Typed>) => {
    setTyped({ ...typed, ...part });
    if (part.host === undefined && part.port === undefined) return;
    hostKey.see(null);
    onAnother();
  };
  return {
    typed,
    change,
    ownLogin,
    setOwnLogin,
    hostKey,
    used,
    ready: !used || hostKey.trusted,
    check: (): Faults => (used ? { ...checkMachine(typed), ...(ownLogin && checkLogin(typed)) } : {}),
    body: (): Bastion | undefined =>
      used && hostKey.seen
        ? {
            host: typed.host.trim(),
            port: Number(typed.port),
            user: typed.user.trim(),
            fingerprint: hostKey.seen.fingerprint,
            ...(ownLogin && loginOf(typed)),
          }
        : undefined,
  };
}

export type JumpHost = ReturnType<typeof useJumpHost>;
