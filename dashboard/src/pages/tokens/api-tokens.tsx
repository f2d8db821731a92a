import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Plus, SquareTerminal } from "lucide-react";
import { useState } from "react";
import { api } from "../../lib/api";
import { epochOf } from "../../lib/format";
import type { Token, TokenList } from "../../lib/types";
import { searchQuery, useSearchText } from "../../lib/use-search";
import { Button } from "../../ui/button";
import { Empty } from "../../ui/empty";
import { ListBar } from "../../ui/list-bar";
import { Listing } from "../../ui/listing";
import { Panel } from "../../ui/panel";
import { type Column, Table } from "../../ui/table";
import { Since } from "../../ui/time";
import { Expiry, useCounts } from "./expiry";
import { NewApiToken } from "./new-api-token";
import { API_TOKENS, API_TOKENS_KEY } from "./paths";
import { Revoke } from "./revoke";

/** What scripts call the API with. */
export function ApiTokens() {
  const [shown, words, search] = useSearchText();
  const [creating, setCreating] = useState(false);
  const { data, error, refetch } = useQuery({
    queryKey: [...API_TOKENS_KEY, words],
    queryFn: ({ signal }) => api<TokenList>(API_TOKENS + searchQuery(words), { signal }),
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <ListBar label="Search API tokens" text={shown} onSearch={search}>
        <Button kind="primary" icon={<Plus size={15} />} onClick={() => setCreating(true)}>
          New API token
        </Button>
      </ListBar>
      <Listing
        what="The API tokens"
        rows={data?.tokens}
        error={error}
        onRetry={() => void refetch()}
        words={words}
        empty={
          <Empty icon={<SquareTerminal size={20} aria-hidden="true" />} title="No API token yet">
            A script, or another agent, calls the API with a token that has a role and an end. Everything that the
            dashboard does can be done so: see <a href="/api/docs/">the API's documentation</a>.
          </Empty>
        }
      >
        {(tokens) => (
          <Panel title="API tokens" count={tokens.length}>
            <Table label="API tokens" rows={tokens} columns={COLUMNS} rowKey={(token) => token.id} />
          </Panel>
        )}
      </Listing>
      {creating && <NewApiToken onClose={() => setCreating(false)} />}
    </>
  );
}

const COLUMNS: readonly Column<Token>[] = [
  { title: "Name", cell: ({ name }) => <b>{name}</b> },
  { title: "Role", cell: ({ role }) => role },
  { title: "Made by", wideOnly: true, cell: ({ createdBy }) => <span className="dim">{createdBy}</span> },
  {
    title: "Last used",
    wideOnly: true,
    cell: ({ lastUsedAt }) => (lastUsedAt ? <Since at={epochOf(lastUsedAt)} /> : "never"),
  },
  { title: "Expires", cell: (token) => <Expiry {...token} /> },
  { title: "Actions", figure: true, cell: (token) => <RevokeApiToken token={token} /> },
];

function RevokeApiToken({ token }: { token: Token }) {
  const counts = useCounts(token);
  if (!counts) return null;
  return (
    <Revoke name={token.name} path={`${API_TOKENS}/${token.id}`} listKey={API_TOKENS_KEY}>
      Scripts that use it are refused from their next request on. It cannot be brought back.
    </Revoke>
  );
}
