/** Who is looking: name, role, and what the role may do. */
import { useQuery } from "@tanstack/react-query";
import { ApiError, api, setCsrfToken } from "./api";

export type Role = "viewer" | "operator" | "admin";

export interface User {
  id: string;
  name: string;
  role: Role;
  hasPassword?: boolean;
  totp?: boolean;
}

export interface Session {
  signedIn: boolean;
  auth: "on" | "off";
  user?: User;
  csrfToken?: string;
}

export const SESSION_KEY = ["session"];
const RANK: Record<Role, number> = { viewer: 0, operator: 1, admin: 2 };
/** With sign-in off, or a control plane that has none, everybody is its admin. */
const NO_SIGN_IN: Session = { signedIn: true, auth: "off", user: { id: "", name: "admin", role: "admin" } };

export async function fetchSession(): Promise<Session> {
  try {
    const session = await api<Session>("/api/session");
    setCsrfToken(session.csrfToken ?? null);
    return session.auth === "off" ? { ...NO_SIGN_IN, ...session } : session;
  } catch (failure) {
    if (failure instanceof ApiError && failure.status === 404) return NO_SIGN_IN;
    throw failure;
  }
}

export function useSession() {
  return useQuery({ queryKey: SESSION_KEY, queryFn: fetchSession, staleTime: 60_000 });
}

/** Whether the signed-in person has at least this role. */
export function useMay(role: Role): boolean {
  const { data } = useSession();
  return data?.user !== undefined && RANK[data.user.role] >= RANK[role];
}
