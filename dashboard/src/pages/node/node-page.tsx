/** One node: how it is, what runs on it, what happened to it. */
import { type ReactNode, useState } from "react";
import { Link, useLocation, useParams } from "wouter";
import { ApiError } from "../../lib/api";
import { type FleetNode, isUp } from "../../lib/node";
import type { AgentDetails } from "../../lib/types";
import { useFleet, useNode } from "../../lib/use-fleet";
import { HOME } from "../../routes";
import { Empty, Failed } from "../../ui/empty";
import { Page } from "../../ui/page";
import { SkeletonLines } from "../../ui/skeleton";
import { Stack } from "../../ui/stack";
import { conditionOf, StatusBadge } from "../../ui/status";
import { Tabs } from "../../ui/tabs";
import { Since } from "../../ui/time";
import type { RestartAnswer } from "../cluster/actions/node-actions";
import { nodePath } from "../cluster/node-path";
import { AgentTable } from "./agent-table";
import { DrainOfNode } from "./drain-progress";
import { NodeActions } from "./node-actions";
import { NodeCredentials } from "./node-credentials";
import { NodeJobs } from "./node-jobs";
import { NodeMetrics } from "./node-metrics";
import { NodeOverview } from "./node-overview";
import styles from "./node-page.module.css";
import { NodeSettings } from "./node-settings";
import { NodeTimeline, useTimeline } from "./node-timeline";
import { NodeTrouble } from "./node-trouble";
import { RestartProof } from "./restart-proof";
import { useNodeDetails } from "./use-node-details";

export default function NodePage() {
  const { id = "", tab = "overview" } = useParams();
  const fleet = useFleet();
  const node = useNode(id);
  if (node) return <KnownNode node={node} tab={tab} />;
  if (!fleet.loaded) {
    return (
      <Page title={id}>
        <SkeletonLines lines={8} />
      </Page>
    );
  }
  return <UnknownNode id={id} />;
}

function UnknownNode({ id }: { id: string }) {
  const { data, error } = useTimeline(id);
  const isStrange = error instanceof ApiError && error.status === 404;
  return (
    <Page title={id}>
      <Stack>
        <Empty title="No node has this id" action={<Link href={HOME}>Back to the cluster</Link>}>
          {isStrange && "Check the id. A machine that is being deployed to is here once its daemon has registered."}
          {data && "It was removed. What happened to it is still told below."}
        </Empty>
        {!isStrange && <NodeTimeline id={id} />}
      </Stack>
    </Page>
  );
}

function KnownNode({ node, tab }: { node: FleetNode; tab: string }) {
  const [, navigate] = useLocation();
  const [restart, setRestart] = useState<RestartAnswer | null>(null);
  const details = useNodeDetails(node.id, node);
  const open = (next: string) =>
    navigate(next === "overview" ? nodePath(node.id) : `${nodePath(node.id)}/${next}`, { replace: true });
  const reported = details.data?.agentDetails;
  const agents = isUp(node) ? reported : reported?.map(lastKnown);
  return (
    <Page
      title={
        <>
          {node.name} <StatusBadge condition={conditionOf(node)} />
        </>
      }
      summary={<Summary node={node} />}
      actions={<NodeActions node={node} onRestart={setRestart} />}
    >
      <NodeTrouble node={node} />
      <DrainOfNode nodeId={node.id} />
      {restart && <RestartProof answer={restart} agents={reported ?? []} onClose={() => setRestart(null)} />}
      {details.error && !agents && (
        <Failed what="The agents of this node" error={details.error} onRetry={() => void details.refetch()} />
      )}
      <Tabs
        label="Node"
        current={tab}
        onChange={open}
        tabs={[
          tabOf("overview", "Overview", <NodeOverview node={node} agents={agents} />),
          tabOf("agents", "Agents", <AgentTable agents={agents} />),
          tabOf("metrics", "Metrics", <NodeMetrics node={node} />),
          tabOf("events", "Events", <NodeTimeline id={node.id} />),
          tabOf("deployments", "Deployments", <NodeJobs nodeId={node.id} />),
          tabOf("settings", "Settings", <NodeSettings node={node} />),
          tabOf("credentials", "Credentials", <NodeCredentials nodeId={node.id} />),
        ]}
      />
    </Page>
  );
}

/** Of a node that is offline nobody knows what its agents do. */
function lastKnown(agent: AgentDetails): AgentDetails {
  return { ...agent, state: "unknown", cpuUsage: undefined };
}

function tabOf(id: string, title: string, content: ReactNode) {
  return { id, title, content: <div className={styles.tab}>{content}</div> };
}

function Summary({ node }: { node: FleetNode }) {
  return (
    <>
      <code>
        {node.host}:{node.port}
      </code>{" "}
      {node.seen > 0 ? (
        <>
          last heartbeat <Since at={node.seen} />
        </>
      ) : (
        "waiting for the first heartbeat"
      )}
    </>
  );
}
