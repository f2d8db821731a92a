import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError, api } from "../../lib/api";
import { SESSION_KEY, useSession } from "../../lib/session";
import { Button } from "../../ui/button";
import { Field, FormFailure } from "../../ui/field";
import { toast } from "../../ui/toast";
import { checkPassword, type NewPassword, type PasswordFaults, SHORTEST } from "./password";
import styles from "./password-form.module.css";

const BLANK: NewPassword = { current: "", next: "", repeated: "" };

/** Sets one's password, or changes it when there is one. */
export function PasswordForm({ action, onDone }: { action: string; onDone(): void }) {
  const queries = useQueryClient();
  const user = useSession().data?.user;
  const hasPassword = user?.hasPassword ?? false;
  const [typed, setTyped] = useState(BLANK);
  const [faults, setFaults] = useState<PasswordFaults>({});
  const save = useMutation({
    mutationFn: () =>
      api("/api/account/password", {
        method: "PUT",
        body: { new: typed.next, ...(hasPassword && { current: typed.current }) },
      }),
    gcTime: 0,
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: SESSION_KEY });
      setTyped(BLANK);
      toast({ tone: "ok", text: "Your password is set; your other sessions have ended" });
      onDone();
    },
    onError: (failure) => setFaults(failure instanceof ApiError && failure.fields.new ? { next: failure.message } : {}),
  });
  const change = (part: Partial<NewPassword>) => {
    setFaults({});
    setTyped({ ...typed, ...part });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = checkPassword(typed, hasPassword);
    setFaults(found);
    if (Object.keys(found).length === 0) save.mutate();
  };
  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      {/* For password managers: whose password this is. */}
      <input type="text" name="username" autoComplete="username" value={user?.name ?? ""} readOnly hidden />
      {hasPassword && (
        <Field
          label="Current password"
          type="password"
          autoComplete="current-password"
          value={typed.current}
          onChange={(current) => change({ current })}
          error={faults.current}
        />
      )}
      <Field
        label="New password"
        type="password"
        autoComplete="new-password"
        value={typed.next}
        onChange={(next) => change({ next })}
        error={faults.next}
        hint={`At least ${SHORTEST} characters; a sentence is easier to keep than a puzzle.`}
      />
      <Field
        label="New password again"
        type="password"
        autoComplete="new-password"
        value={typed.repeated}
        onChange={(repeated) => change({ repeated })}
        error={faults.repeated}
      />
      {!faults.next && <FormFailure error={save.error} />}
      <Button type="submit" kind="primary" busy={save.isPending}>
        {action}
      </Button>
    </form>
  );
}
