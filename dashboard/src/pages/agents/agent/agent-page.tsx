/** One agent: what it should be, where it is seen, what happened to it, its log. */
import { useState } from "react";
import { Link, useLocation, useParams } from "wouter";
import { AGENTS_PAGE, agentPath, useAgent } from "../../../lib/agents";
import { ApiError } from "../../../lib/api";
import type { AgentWithHistory } from "../../../lib/types";
import { Badge } from "../../../ui/badge";
import { Empty, Failed } from "../../../ui/empty";
import { Page } from "../../../ui/page";
import { SkeletonLines } from "../../../ui/skeleton";
import { Tabs } from "../../../ui/tabs";
import { StateOfAgent } from "../state-of-agent";
import { ActProof, type Followed } from "./act-proof";
import { AgentActions } from "./agent-actions";
import { AgentLog } from "./agent-log";
import { AgentOverview } from "./agent-overview";
import styles from "./agent-page.module.css";
import { AgentTold } from "./agent-told";

export default function AgentPage() {
  const { id = "", tab = "overview" } = useParams();
  const agent = useAgent(id);
  if (agent.data) return <KnownAgent key={id} found={agent.data} tab={tab} />;
  return (
    <Page title={id}>
      {agent.error ? <NoAgent error={agent.error} onRetry={() => void agent.refetch()} /> : <SkeletonLines lines={8} />}
    </Page>
  );
}

function NoAgent({ error, onRetry }: { error: Error; onRetry(): void }) {
  if (error instanceof ApiError && error.status === 404) {
    return <Empty title="No agent has this id" action={<Link href={AGENTS_PAGE}>All agents</Link>} />;
  }
  return <Failed what="The agent could not be fetched" error={error} onRetry={onRetry} />;
}

function KnownAgent({ found, tab }: { found: AgentWithHistory; tab: string }) {
  const [, navigate] = useLocation();
  const [followed, follow] = useState<Followed | null>(null);
  const path = agentPath(found.agentId);
  const name = found.agent?.name || found.seen[0]?.name || found.agentId;
  return (
    <Page
      title={
        <>
          {name} <States found={found} />
        </>
      }
      summary={<Summary found={found} />}
      actions={<AgentActions found={found} name={name} onAsked={follow} />}
    >
      {followed && <ActProof key={followed.jobId} {...followed} onClose={() => follow(null)} />}
      <AgentTold found={found} />
      <Tabs
        label="Agent"
        current={tab}
        onChange={(next) => navigate(next === "overview" ? path : `${path}/${next}`, { replace: true })}
        tabs={[
          { id: "overview", title: "Overview", content: <AgentOverview found={found} /> },
          { id: "log", title: "Log", content: <AgentLog agentId={found.agentId} /> },
        ].map((one) => ({ ...one, content: <div className={styles.tab}>{one.content}</div> }))}
      />
    </Page>
  );
}

/** As each copy is seen; there is more than one only while it moves, or by mistake. */
function States({ found: { seen, agent } }: { found: AgentWithHistory }) {
  if (seen.length === 0) return <Badge tone="off">{agent?.wanted === "stopped" ? "stopped" : "not seen"}</Badge>;
  return seen.map((copy) => <StateOfAgent key={copy.nodeId} agent={copy} />);
}

function Summary({ found: { agentId, agent } }: { found: AgentWithHistory }) {
  return (
    <>
      <code>{agentId}</code>{" "}
      {agent
        ? `${agent.origin}, wanted ${agent.wanted}`
        : "only seen: nobody registered or adopted it, so that it cannot be acted on"}
    </>
  );
}
