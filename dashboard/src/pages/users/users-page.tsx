/** Access > Users: who may sign in, and as what. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { UserPlus, Users } from "lucide-react";
import { useState } from "react";
import { api } from "../../lib/api";
import { formatCountOf } from "../../lib/format";
import type { User, UserList } from "../../lib/types";
import { searchQuery, useSearchText } from "../../lib/use-search";
import { Button } from "../../ui/button";
import { Empty } from "../../ui/empty";
import { ListBar } from "../../ui/list-bar";
import { Listing } from "../../ui/listing";
import { Page } from "../../ui/page";
import { Panel } from "../../ui/panel";
import { AddUser } from "./add-user";
import { USERS_KEY } from "./use-change-user";
import { type Asked, UserDialog } from "./user-dialogs";
import { UserTable } from "./user-table";

export default function UsersPage() {
  const [shown, words, search] = useSearchText();
  const [adding, setAdding] = useState(false);
  const [asked, setAsked] = useState<Asked | null>(null);
  const { data, error, refetch } = useQuery({
    queryKey: [USERS_KEY, words],
    queryFn: ({ signal }) => api<UserList>(`/api/users${searchQuery(words)}`, { signal }),
    placeholderData: keepPreviousData,
  });
  const ask = (what: Asked["what"], user: User) => setAsked({ what, user });
  return (
    <Page
      title="Users"
      summary={data && !words ? formatCountOf(data.users.length, "person", "people") : "Who may sign in"}
      actions={
        <Button kind="primary" icon={<UserPlus size={15} />} onClick={() => setAdding(true)}>
          Add user
        </Button>
      }
    >
      <ListBar label="Search users" text={shown} onSearch={search} />
      <Listing
        what="The users"
        rows={data?.users}
        error={error}
        onRetry={() => void refetch()}
        words={words}
        empty={
          <Empty icon={<Users size={20} aria-hidden="true" />} title="Nobody has an account yet">
            A user signs in by link or password and sees, operates or administers the fleet.
          </Empty>
        }
      >
        {(users) => (
          <Panel title="Users" count={users.length}>
            <UserTable users={users} onAsk={ask} />
          </Panel>
        )}
      </Listing>
      {adding && <AddUser onClose={() => setAdding(false)} />}
      {asked && <UserDialog {...asked} onClose={() => setAsked(null)} />}
    </Page>
  );
}
