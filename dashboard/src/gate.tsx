import type { ReactNode } from "react";
import { useEffect } from "react";
import { live } from "./lib/live";
import { useSession } from "./lib/session";
import { Empty, Failed } from "./ui/empty";
import { Page } from "./ui/page";

/** Lets in who is signed in, and starts the live stream then. */
export function Gate({ children }: { children: ReactNode }) {
  const { data: session, error, refetch } = useSession();
  const signedIn = session?.signedIn ?? false;
  useEffect(() => {
    if (signedIn) live.start();
  }, [signedIn]);
  if (signedIn) return children;
  if (error) {
    return (
      <Page title="Muster">
        <Failed what="The control plane does not answer" error={error} onRetry={() => void refetch()} />
      </Page>
    );
  }
  return session ? <SignedOut /> : null;
}

function SignedOut() {
  return (
    <Page title="Muster">
      <Empty title="You are signed out">Open the sign-in link that you were given.</Empty>
    </Page>
  );
}
