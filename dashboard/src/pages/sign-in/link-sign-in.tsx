import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { api } from "../../lib/api";
import { begin } from "../../lib/session";
import type { Session } from "../../lib/types";
import { Button } from "../../ui/button";
import { FormFailure } from "../../ui/field";
import styles from "./sign-in-page.module.css";

interface LinkSignInProps {
  token: string;
  onSignedIn(session: Session): void;
  onGiveUp(): void;
}

/** Exchanges the token of a link for a session: once, as soon as the page is open. */
export function LinkSignIn({ token, onSignedIn, onGiveUp }: LinkSignInProps) {
  const queries = useQueryClient();
  const { mutate, error } = useMutation({
    mutationFn: () => api<Session>("/api/session/link", { method: "POST", body: { token } }),
    gcTime: 0,
    onSuccess: (session) => {
      onSignedIn(session);
      begin(session, queries);
    },
  });
  useEffect(() => mutate(), [mutate]);
  if (!error) return <p role="status">Your link is being checked.</p>;
  return (
    <div className={styles.form}>
      <FormFailure error={error} />
      <Button onClick={onGiveUp}>Sign in with a password</Button>
    </div>
  );
}
