import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "../../lib/api";
import { epochOf, formatMoment } from "../../lib/format";
import type { SignInLink as Made, User } from "../../lib/types";
import { Button } from "../../ui/button";
import { Dialog, DialogBody, DialogFooter } from "../../ui/dialog";
import { CheckField, FormFailure } from "../../ui/field";
import { SignInLink } from "./sign-in-link";
import { userPath } from "./use-change-user";

/** For somebody who is locked out. */
export function NewLink({ user, onClose }: { user: User; onClose(): void }) {
  const [reset, setReset] = useState(false);
  const make = useMutation({
    mutationFn: () => api<Made>(userPath(user, "/sign-in-link"), { method: "POST", body: { reset } }),
    gcTime: 0,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <Dialog open held={make.isSuccess} onClose={onClose} title={`Sign-in link for ${user.name}`}>
      {make.data ? (
        <SignInLink path={make.data.signInLink} onClose={onClose}>
          It signs {user.name} in once, until {formatMoment(epochOf(make.data.expiresAt))}.
        </SignInLink>
      ) : (
        <form onSubmit={submit}>
          <DialogBody>
            <p>A link that signs {user.name} in once. Links made before stop counting.</p>
            <CheckField
              label="Forget the password and the authenticator app"
              checked={reset}
              onChange={setReset}
              hint={`For when they are lost: ${user.name} sets new ones after signing in.`}
            />
            <FormFailure error={make.error} />
          </DialogBody>
          <DialogFooter>
            <Button onClick={onClose}>Cancel</Button>
            <Button type="submit" kind="primary" busy={make.isPending}>
              Make link
            </Button>
          </DialogFooter>
        </form>
      )}
    </Dialog>
  );
}
