/** Changes of users, with the list fetched again and a word about the outcome. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "../../lib/api";
import type { User } from "../../lib/types";
import { toast } from "../../ui/toast";

export const USERS_KEY = "users";

export function userPath(user: User, action = ""): string {
  return `/api/users/${encodeURIComponent(user.id)}${action}`;
}

interface Change {
  user: User;
  method: "PATCH" | "DELETE";
  body?: { role?: User["role"]; disabled?: boolean };
  /** What has changed, in a sentence. */
  done: string;
}

export function useChangeUser(onDone: () => void = () => {}) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ user, method, body }: Change) => api(userPath(user), { method, body }),
    onSuccess: (_, { done }) => {
      toast({ tone: "ok", text: done });
      onDone();
    },
    onError: (failure, { user }) => toast({ tone: "bad", text: `${user.name}: ${failure.message}` }),
    onSettled: () => queries.invalidateQueries({ queryKey: [USERS_KEY] }),
  });
}
