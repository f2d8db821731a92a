import { Ban, CircleCheck, Link2, ShieldCheck, Trash2 } from "lucide-react";
import { epochOf, formatMoment } from "../../lib/format";
import { useSession } from "../../lib/session";
import type { User } from "../../lib/types";
import { Badge } from "../../ui/badge";
import { MenuItem, MenuLine } from "../../ui/menu";
import { RowMenu } from "../../ui/row-menu";
import { type Column, Table } from "../../ui/table";
import { Since } from "../../ui/time";
import { useChangeUser } from "./use-change-user";
import type { Asked } from "./user-dialogs";
import styles from "./user-table.module.css";

interface UserTableProps {
  users: readonly User[];
  onAsk(what: Asked["what"], user: User): void;
}

export function UserTable({ users, onAsk }: UserTableProps) {
  const own = useSession().data?.user?.id;
  const columns: readonly Column<User>[] = [
    {
      title: "Name",
      cell: (user) => (
        <span className={styles.name}>
          <b>{user.name}</b>
          {user.id === own && <Badge tone="info">you</Badge>}
          {user.disabled && <Badge tone="off">disabled</Badge>}
        </span>
      ),
    },
    { title: "Role", cell: ({ role }) => <span className={styles.role}>{role}</span> },
    { title: "Signs in by", wideOnly: true, cell: (user) => <span className="dim">{waysIn(user)}</span> },
    { title: "Last seen", cell: ({ lastSeenAt }) => (lastSeenAt ? <Since at={epochOf(lastSeenAt)} /> : "never") },
    {
      title: "Added",
      wideOnly: true,
      cell: ({ createdAt }) => <time dateTime={createdAt}>{formatMoment(epochOf(createdAt))}</time>,
    },
    {
      title: "Actions",
      figure: true,
      cell: (user) => <UserMenu user={user} own={user.id === own} onAsk={(what) => onAsk(what, user)} />,
    },
  ];
  return <Table label="Users" rows={users} columns={columns} rowKey={(user) => user.id} />;
}

function waysIn({ hasPassword, totp }: User): string {
  if (!hasPassword) return "link only";
  return totp ? "password and code" : "password";
}

interface UserMenuProps {
  user: User;
  own: boolean;
  onAsk(what: Asked["what"]): void;
}

/** Nobody locks themselves out: one's own row is for somebody else to change. */
function UserMenu({ user, own, onAsk }: UserMenuProps) {
  const change = useChangeUser();
  const enable = () =>
    change.mutate({ user, method: "PATCH", body: { disabled: false }, done: `${user.name} may sign in again` });
  return (
    <RowMenu of={user.name} forbidden={own ? "Another admin can change your account" : undefined}>
      <MenuItem icon={<ShieldCheck size={14} />} onSelect={() => onAsk("role")}>
        Change role…
      </MenuItem>
      <MenuItem icon={<Link2 size={14} />} disabled={user.disabled} onSelect={() => onAsk("link")}>
        New sign-in link…
      </MenuItem>
      {user.disabled ? (
        <MenuItem icon={<CircleCheck size={14} />} onSelect={enable}>
          Enable
        </MenuItem>
      ) : (
        <MenuItem icon={<Ban size={14} />} onSelect={() => onAsk("disable")}>
          Disable…
        </MenuItem>
      )}
      <MenuLine />
      <MenuItem danger icon={<Trash2 size={14} />} onSelect={() => onAsk("remove")}>
        Delete user…
      </MenuItem>
    </RowMenu>
  );
}
