import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, Suspense, useState } from "react";
import { api } from "../../lib/api";
import { part } from "../../lib/part";
import { SESSION_KEY } from "../../lib/session";
import type { TotpSecret } from "../../lib/types";
import { Button } from "../../ui/button";
import { CopyButton } from "../../ui/copy-button";
import { Field, FormFailure } from "../../ui/field";
import { toast } from "../../ui/toast";
import { inFours } from "./in-fours";
import styles from "./second-factor.module.css";

const QrCode = part(() => import("./qr-code"));
const PATH = "/api/account/totp";

/** The code of an app in addition to the password: set up, confirmed by a first code, switched off by another. */
export function SecondFactor({ isOn }: { isOn: boolean }) {
  const prepare = useMutation({ mutationFn: () => api<TotpSecret>(PATH, { method: "POST" }), gcTime: 0 });
  if (isOn) {
    return (
      <CodeForm method="DELETE" action="Switch off" done="A sign-in needs no code any more">
        <p>A sign-in by password also needs a code of your app.</p>
      </CodeForm>
    );
  }
  if (prepare.data) {
    return (
      <CodeForm method="PUT" action="Confirm" done="From now on a sign-in by password needs a code">
        <Secret made={prepare.data} />
      </CodeForm>
    );
  }
  return (
    <>
      <p>Ask for a code of an app on your phone at each sign-in, so that a stolen password is not enough.</p>
      <FormFailure error={prepare.error} />
      <div>
        <Button busy={prepare.isPending} onClick={() => prepare.mutate()}>
          Set up
        </Button>
      </div>
    </>
  );
}

function Secret({ made }: { made: TotpSecret }) {
  return (
    <div className={styles.secret}>
      <Suspense fallback={<div className={styles.code} />}>
        <QrCode text={made.uri} label="QR code for your authenticator app" />
      </Suspense>
      <div className={styles.words}>
        <p>Scan this with your app, or type the secret:</p>
        <code className={styles.letters} data-secret="">
          {inFours(made.secret)}
        </code>
        <div>
          <CopyButton compact text={made.secret} label="Copy secret" />
        </div>
      </div>
    </div>
  );
}

interface CodeFormProps {
  method: "PUT" | "DELETE";
  action: string;
  /** What has changed, in a sentence. */
  done: string;
  children: ReactNode;
}

function CodeForm({ method, action, done, children }: CodeFormProps) {
  const queries = useQueryClient();
  const [code, setCode] = useState("");
  const send = useMutation({
    mutationFn: () => api(PATH, { method, body: { code } }),
    gcTime: 0,
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: SESSION_KEY });
      toast({ tone: "ok", text: done });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send.mutate();
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      {children}
      <Field
        label="Code"
        value={code}
        onChange={setCode}
        autoComplete="one-time-code"
        inputMode="numeric"
        maxLength={12}
        hint="The six digits that the app shows now."
      />
      <FormFailure error={send.error} />
      <div>
        <Button type="submit" busy={send.isPending} disabled={code.trim() === ""}>
          {action}
        </Button>
      </div>
    </form>
  );
}
