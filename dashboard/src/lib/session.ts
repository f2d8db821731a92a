/** Who is looking: name, role, and what the role may do. */
import { type QueryClient, useQuery } from "@tanstack/react-query";
import { ApiError, api, setCsrfToken } from "./api";
import { tellTabs } from "./session-news";
import type { Person, Session } from "./types";

export type Role = Person["role"];

export const ROLES: readonly Role[] = ["viewer", "operator", "admin"];
export const SESSION_KEY = ["session"];
const RANK: Record<Role, number> = { viewer: 0, operator: 1, admin: 2 };
/** With sign-in off, or a control plane that has none, everybody is its admin. */
const EVERYBODY: Person = { id: "", name: "admin", role: "admin", hasPassword: false, totp: false };
const NO_SIGN_IN: Session = { signedIn: true, auth: "off", user: EVERYBODY };

export async function fetchSession(): Promise<Session> {
  try {
    const session = await api<Session>("/api/session");
    setCsrfToken(session.csrfToken ?? null);
    return session.auth === "off" ? NO_SIGN_IN : session;
  } catch (failure) {
    if (failure instanceof ApiError && failure.status === 404) return NO_SIGN_IN;
    throw failure;
  }
}

export function useSession() {
  return useQuery({ queryKey: SESSION_KEY, queryFn: fetchSession, staleTime: 60_000 });
}

/** A sign-in was answered with this: from now on the page is this person's, and nothing of another one is left. */
export function begin(session: Session, queries: QueryClient): void {
  setCsrfToken(session.csrfToken ?? null);
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== SESSION_KEY[0] });
  queries.setQueryData(SESSION_KEY, session);
  tellTabs();
}

/** Sign out of this browser, or everywhere. The page is loaded anew, so that nothing of the person stays in it. */
export async function signOut(everywhere: boolean): Promise<void> {
  await api(everywhere ? "/api/sessions" : "/api/session", { method: "DELETE" });
  tellTabs();
  location.assign("/sign-in");
}

/** Whether the signed-in person has at least this role. */
export function useMay(role: Role): boolean {
  return useForbidden(role) === undefined;
}

/** Why the signed-in person may not do what needs this role; undefined when they may. */
export function useForbidden(role: Role): string | undefined {
  const user = useSession().data?.user;
  return user && RANK[user.role] >= RANK[role] ? undefined : `This needs the ${role} role`;
}

/** The roles that somebody may give: at most their own. */
export function rolesUpTo(role: Role): readonly Role[] {
  return ROLES.filter((one) => RANK[one] <= RANK[role]);
}
