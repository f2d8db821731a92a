import { type ReactNode, Suspense, useEffect, useRef } from "react";
import { Redirect, useLocation } from "wouter";
import { live } from "./lib/live";
import { part } from "./lib/part";
import { useSession } from "./lib/session";
import { SIGN_IN, signInPath } from "./lib/sign-in-path";
import { Failed } from "./ui/empty";
import { Page } from "./ui/page";

const SignInPage = part(() => import("./pages/sign-in/sign-in-page"));

/** Lets in who is signed in, and runs the live stream meanwhile; everybody else signs in first. */
export function Gate({ children }: { children: ReactNode }) {
  const [path] = useLocation();
  const { data: session, error, refetch } = useSession();
  const signedIn = session?.signedIn ?? false;
  const wasSignedIn = useRef(false);
  useEffect(() => {
    if (signedIn) live.start();
    else if (wasSignedIn.current) live.stop();
    wasSignedIn.current = signedIn;
  }, [signedIn]);
  if (path === SIGN_IN && session) {
    return (
      <Suspense>
        <SignInPage />
      </Suspense>
    );
  }
  if (signedIn) return children;
  if (session) return <Redirect to={signInPath(location.pathname + location.search, wasSignedIn.current)} replace />;
  return error ? (
    <Page title="Muster">
      <Failed what="The control plane does not answer" error={error} onRetry={() => void refetch()} />
    </Page>
  ) : null;
}
