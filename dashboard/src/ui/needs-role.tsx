import { Lock } from "lucide-react";
import { type Role, useSession } from "../lib/session";
import { Empty } from "./empty";

/** Where something would be that the signed-in person may not see. */
export function NeedsRole({ needed }: { needed: Role }) {
  const own = useSession().data?.user?.role;
  return (
    <Empty icon={<Lock size={20} aria-hidden="true" />} title={`This needs the ${needed} role`}>
      You are {own === "viewer" ? "a viewer" : "an operator"}. An admin can change that under Access, Users.
    </Empty>
  );
}
