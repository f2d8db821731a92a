import { type ReactNode, Suspense, useEffect, useRef } from "react";
import { Link, Redirect, Route, Switch, useLocation } from "wouter";
import { Gate } from "./gate";
import { type Role, useMay } from "./lib/session";
import { HOME, PAGES, pageAt } from "./routes";
import { Shell } from "./shell/shell";
import { Boundary } from "./ui/boundary";
import { Empty } from "./ui/empty";
import { NeedsRole } from "./ui/needs-role";
import { focusHeading, Page } from "./ui/page";
import { SkeletonLines } from "./ui/skeleton";
import { TooltipProvider } from "./ui/tooltip";
import { useTitle } from "./use-title";

export function App() {
  const [path] = useLocation();
  return (
    <TooltipProvider delayDuration={300}>
      <Gate>
        <Shell>
          <Boundary place={path}>
            <Suspense fallback={<Loading />}>
              <Pages />
            </Suspense>
          </Boundary>
        </Shell>
      </Gate>
    </TooltipProvider>
  );
}

function Pages() {
  const [path] = useLocation();
  const page = pageAt(path);
  useTitle(page?.title ?? "Not found");
  useFocusOnArrival(path);
  return (
    <Switch>
      <Route path="/">
        <Redirect to={HOME} replace />
      </Route>
      {PAGES.map(({ path: base, title, role, page: List }) => (
        <Route key={base} path={base}>
          <Allowed title={title} role={role}>
            <List />
          </Allowed>
        </Route>
      ))}
      {PAGES.map(({ path: base, detail: One }) =>
        One ? (
          <Route key={base} path={`${base}/:id/:tab?`}>
            <One />
          </Route>
        ) : null,
      )}
      <Route>
        <NotFound />
      </Route>
    </Switch>
  );
}

/** A page for a role says so to everybody else. */
function Allowed({ title, role = "viewer", children }: { title: string; role?: Role; children: ReactNode }) {
  const may = useMay(role);
  if (may) return children;
  return (
    <Page title={title}>
      <NeedsRole needed={role} />
    </Page>
  );
}

/** Readers hear where they are: another page puts the focus on its heading. */
function useFocusOnArrival(path: string): void {
  const arrived = useRef<string | null>(null);
  const place = path.split("/").slice(0, 4).join("/"); // a tab of the same thing is no arrival
  useEffect(() => {
    const busy = document.activeElement?.closest('[role="dialog"], [role="menu"]'); // opened in the same moment
    if (arrived.current !== null && arrived.current !== place && !busy) focusHeading();
    arrived.current = place;
  }, [place]);
}

function Loading() {
  return (
    <Page title="Loading">
      <SkeletonLines lines={6} />
    </Page>
  );
}

function NotFound() {
  return (
    <Page title="Not found">
      <Empty title="There is no page at this address" action={<Link href={HOME}>Go to the cluster</Link>} />
    </Page>
  );
}
