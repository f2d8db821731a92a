import type { ReactNode } from "react";
import { Button } from "../../ui/button";
import { DialogBody, DialogFooter } from "../../ui/dialog";
import { SecretOnce, ShownOnce } from "../../ui/secret-once";

interface SignInLinkProps {
  /** The path that the control plane made, with the token after #. */
  path: string;
  onClose(): void;
  children: ReactNode;
}

/** A sign-in link, to be handed over on a way that nobody else reads. */
export function SignInLink({ path, onClose, children }: SignInLinkProps) {
  return (
    <>
      <DialogBody>
        <ShownOnce />
        <SecretOnce label="Sign-in link" secret={location.origin + path}>
          {children}
        </SecretOnce>
      </DialogBody>
      <DialogFooter>
        <Button kind="primary" onClick={onClose}>
          Done
        </Button>
      </DialogFooter>
    </>
  );
}
