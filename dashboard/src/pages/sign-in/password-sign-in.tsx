import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { ApiError, api } from "../../lib/api";
import { useClock } from "../../lib/clock";
import { begin } from "../../lib/session";
import type { Session } from "../../lib/types";
import { Button } from "../../ui/button";
import { Field, FormFailure } from "../../ui/field";
import styles from "./sign-in-page.module.css";

/** Name and password; the code of the authenticator app is asked for when the account needs it. */
export function PasswordSignIn() {
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [codeNeeded, setCodeNeeded] = useState(false);
  const [again, setAgain] = useState(0);
  const first = useFocus(codeNeeded);
  const signIn = useMutation({
    mutationFn: () => {
      const body = { name, password, ...(codeNeeded && { code }) };
      return api<Session>("/api/session", { method: "POST", body });
    },
    gcTime: 0,
    onSuccess: (session) => begin(session, queries),
    onError: (failure) => {
      if (!(failure instanceof ApiError)) return;
      setCodeNeeded(codeNeeded || failure.code === "totp_required");
      setAgain(failure.retryAfter ? Date.now() + failure.retryAfter * 1000 : 0);
    },
  });
  const wait = useClock((now) => Math.max(0, Math.ceil((again - now) / 1000)));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (wait === 0) signIn.mutate();
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      <Field
        label="Name"
        value={name}
        onChange={setName}
        inputRef={codeNeeded ? undefined : first}
        name="username"
        autoComplete="username"
        autoCapitalize="off"
        spellCheck={false}
      />
      <Field
        label="Password"
        type="password"
        value={password}
        onChange={setPassword}
        name="password"
        autoComplete="current-password"
      />
      {codeNeeded && <CodeField value={code} onChange={setCode} inputRef={first} />}
      {wait > 0 ? (
        <p role="alert">
          Too many tries. Try again in <span className="num">{wait}</span> s.
        </p>
      ) : (
        <FormFailure error={failureToShow(signIn.error)} />
      )}
      <Button type="submit" kind="primary" busy={signIn.isPending} disabled={wait > 0}>
        Sign in
      </Button>
      <p className={styles.hint}>
        Locked out? An admin can make you a sign-in link; on the control plane, <code>flask sign-in-link NAME</code>{" "}
        does too.
      </p>
    </form>
  );
}

interface CodeFieldProps {
  value: string;
  onChange(value: string): void;
  inputRef: React.RefObject<HTMLInputElement | null>;
}

function CodeField({ value, onChange, inputRef }: CodeFieldProps) {
  return (
    <Field
      label="Code of your authenticator app"
      value={value}
      onChange={onChange}
      inputRef={inputRef}
      autoComplete="one-time-code"
      inputMode="numeric"
      maxLength={12}
    />
  );
}

/** The field that is to be typed into next has the focus. */
function useFocus(codeNeeded: boolean) {
  const field = useRef<HTMLInputElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another field is next then
  useEffect(() => field.current?.focus(), [codeNeeded]);
  return field;
}

/** Being asked for the code is no failure: the field that has just appeared says it. */
function failureToShow(failure: Error | null): Error | null {
  const waited = failure instanceof ApiError && ["totp_required", "too_many_requests"].includes(failure.code);
  return waited ? null : failure;
}
