/** Signing in: by name and password, or with a one-time link. */
import { Boxes } from "lucide-react";
import { type ReactNode, useCallback, useEffect, useState } from "react";
import { Redirect, useSearch } from "wouter";
import { useSession } from "../../lib/session";
import { isPage, nextPath, takeLinkToken } from "../../lib/sign-in-path";
import type { Session } from "../../lib/types";
import { useTitle } from "../../use-title";
import { FirstPassword } from "./first-password";
import { LinkSignIn } from "./link-sign-in";
import { PasswordSignIn } from "./password-sign-in";
import styles from "./sign-in-page.module.css";

export default function SignInPage() {
  const search = useSearch();
  const { data: session } = useSession();
  const [link, clearLink] = useLinkToken();
  const [offering, setOffering] = useState(false);
  useTitle("Sign in");
  const cameByLink = (begun: Session) => {
    setOffering(begun.user?.hasPassword === false);
    clearLink();
  };
  if (link) {
    return (
      <Frame title="Signing in">
        <LinkSignIn key={link} token={link} onSignedIn={cameByLink} onGiveUp={clearLink} />
      </Frame>
    );
  }
  if (session?.user && offering) {
    return (
      <Frame title={`Welcome, ${session.user.name}`}>
        <FirstPassword onDone={() => setOffering(false)} />
      </Frame>
    );
  }
  if (session?.signedIn) return <GoOn to={nextPath(search)} />;
  return (
    <Frame title="Sign in" note={new URLSearchParams(search).has("ended") && "You were signed out. Sign in to go on."}>
      <PasswordSignIn />
    </Frame>
  );
}

function GoOn({ to }: { to: string }) {
  const within = isPage(to);
  useEffect(() => {
    if (!within) location.replace(to);
  }, [within, to]);
  return within ? <Redirect to={to} replace /> : null;
}

/** The token of the link that led here, kept in this variable only. */
function useLinkToken(): [string | null, () => void] {
  const [token, setToken] = useState(takeLinkToken);
  useEffect(() => {
    const another = () => setToken((before) => takeLinkToken() ?? before);
    addEventListener("hashchange", another);
    return () => removeEventListener("hashchange", another);
  }, []);
  return [token, useCallback(() => setToken(null), [])];
}

function Frame({ title, note, children }: { title: string; note?: ReactNode; children: ReactNode }) {
  return (
    <main className={styles.frame}>
      <div className={styles.card}>
        <div className={styles.brand}>
          <span className={styles.mark}>
            <Boxes size={16} aria-hidden="true" />
          </span>
          <b>Muster</b>
        </div>
        <h1 className={styles.title}>{title}</h1>
        {note && (
          <p role="status" className={styles.note}>
            {note}
          </p>
        )}
        {children}
      </div>
    </main>
  );
}
