import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import { api } from "../../lib/api";
import type { JoinToken, JoinTokenList } from "../../lib/types";
import { searchQuery, useSearchText } from "../../lib/use-search";
import { Chips } from "../../ui/badge";
import { Button } from "../../ui/button";
import { classes } from "../../ui/classes";
import { Empty } from "../../ui/empty";
import { ListBar } from "../../ui/list-bar";
import { Listing } from "../../ui/listing";
import { NodeLink } from "../../ui/node-link";
import { Panel } from "../../ui/panel";
import { type Column, Table } from "../../ui/table";
import { Expiry, useCounts } from "./expiry";
import styles from "./join-tokens.module.css";
import { NewJoinToken } from "./new-join-token";
import { JOIN_TOKENS, JOIN_TOKENS_KEY } from "./paths";
import { Revoke } from "./revoke";

const REFRESH_MS = 15_000;

/** What machines become nodes with. */
export function JoinTokens() {
  const [shown, words, search] = useSearchText();
  const [creating, setCreating] = useState(false);
  const { data, error, refetch } = useQuery({
    queryKey: [...JOIN_TOKENS_KEY, words],
    queryFn: ({ signal }) => api<JoinTokenList>(JOIN_TOKENS + searchQuery(words), { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  });
  return (
    <>
      <ListBar label="Search join tokens" text={shown} onSearch={search}>
        <Button kind="primary" icon={<Plus size={15} />} onClick={() => setCreating(true)}>
          New join token
        </Button>
      </ListBar>
      <Listing
        what="The join tokens"
        rows={data?.joinTokens}
        error={error}
        onRetry={() => void refetch()}
        words={words}
        empty={
          <Empty icon={<KeyRound size={20} aria-hidden="true" />} title="No join token yet">
            A machine becomes a node with a join token: short-lived, for as many machines and for the names that you
            choose. The node then has a credential of its own.
          </Empty>
        }
      >
        {(tokens) => (
          <Panel title="Join tokens" count={tokens.length}>
            <Table label="Join tokens" rows={tokens} columns={COLUMNS} rowKey={(token) => token.id} />
          </Panel>
        )}
      </Listing>
      {creating && <NewJoinToken onClose={() => setCreating(false)} />}
    </>
  );
}

const COLUMNS: readonly Column<JoinToken>[] = [
  {
    title: "For nodes called",
    cell: ({ namePattern, note, replace, uses, usesLeft }) => (
      <>
        <code className={styles.pattern}>{namePattern === "*" ? "any name" : namePattern}</code>
        {replace && <span className="dim"> takes its place</span>}
        {note && <div className={styles.note}>{note}</div>}
        <div className={classes(styles.note, "phone-only")}>
          {usesLeft} of {uses} left
        </div>
      </>
    ),
  },
  {
    title: "Capabilities",
    wideOnly: true,
    cell: ({ capabilities }) =>
      capabilities === null ? <span className="dim">any</span> : <Chips names={capabilities} most={4} />,
  },
  { title: "Uses left", wideOnly: true, cell: ({ usesLeft, uses }) => `${usesLeft} of ${uses}` },
  {
    title: "Joined",
    wideOnly: true,
    cell: ({ nodes }) => (
      <span className={styles.nodes}>
        {nodes.length === 0 ? "–" : nodes.map((id) => <NodeLink key={id} id={id} />)}
      </span>
    ),
  },
  { title: "Made by", wideOnly: true, cell: ({ createdBy }) => <span className="dim">{createdBy}</span> },
  { title: "Expires", cell: (token) => <Expiry {...token} /> },
  { title: "Actions", figure: true, cell: (token) => <RevokeJoinToken token={token} /> },
];

function RevokeJoinToken({ token }: { token: JoinToken }) {
  const counts = useCounts(token);
  if (!counts) return null;
  return (
    <Revoke
      name={token.note || `the token for ${token.namePattern}`}
      path={`${JOIN_TOKENS}/${token.id}`}
      listKey={JOIN_TOKENS_KEY}
    >
      No machine can join with it any more. Nodes that joined with it stay and keep their credentials.
    </Revoke>
  );
}
