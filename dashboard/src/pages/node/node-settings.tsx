import { Pencil } from "lucide-react";
import { Link, useLocation } from "wouter";
import { epochOf, formatMoment } from "../../lib/format";
import { jobPath, useJobs } from "../../lib/jobs";
import type { FleetNode } from "../../lib/node";
import { useForbidden } from "../../lib/session";
import type { Job } from "../../lib/types";
import { HOME } from "../../routes";
import { Button } from "../../ui/button";
import { Failed } from "../../ui/empty";
import { Facts, Panel } from "../../ui/panel";
import { SkeletonLines } from "../../ui/skeleton";
import { RUNTIMES } from "../cluster/add-node/ssh/order";
import { orderFacts } from "../deployments/job-facts";
import styles from "./node-page.module.css";

/** How the node was set up, and the way to change that: what it is told comes with a deploy, or from its own machine. */
export function NodeSettings({ node }: { node: FleetNode }) {
  const { data, error, refetch } = useJobs({ node: node.id, kind: "deploy", state: "succeeded" });
  if (error && !data) return <Failed what="The settings of this node" error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonLines lines={6} />;
  const deploy = data.pages[0]?.jobs[0];
  return (
    <Panel title="Settings" aside={deploy && <Change deploy={deploy} />}>
      <Facts
        facts={[
          ["Node ID", <code key="id">{node.id}</code>],
          ["Name", node.name],
          ["Called at", <code key="address">{`${node.host}:${node.port}`}</code>],
          ...(deploy ? deployed(deploy) : [["Set up", setUpBy(node)] as const]),
        ]}
      />
    </Panel>
  );
}

function deployed(deploy: Job) {
  const runtime = RUNTIMES.find(({ value }) => value === deploy.target.runtime)?.label;
  return [
    ...orderFacts(deploy),
    ...(runtime ? [["Runtime", runtime] as const] : []),
    [
      "Last deploy",
      <Link key="deploy" href={jobPath(deploy.id)} className={styles.link}>
        {formatMoment(epochOf(deploy.createdAt))}
      </Link>,
    ] as const,
  ];
}

function setUpBy(node: FleetNode): string {
  return node.managed
    ? "by hand: its settings are in ~/.agenticmail/worker.env or the environment of its daemon, on its machine"
    : "by its agents, which register themselves";
}

/** The same order in the form, to be changed; a script is made anew and run on the machine again. */
function Change({ deploy }: { deploy: Job }) {
  const [, navigate] = useLocation();
  const forbidden = useForbidden("operator");
  const way = deploy.target.origin ? "script" : "ssh";
  return (
    <Button
      icon={<Pencil size={13} />}
      disabled={forbidden !== undefined}
      title={forbidden}
      onClick={() => navigate(`${HOME}?add=${way}&like=${encodeURIComponent(deploy.id)}`)}
    >
      {deploy.target.origin ? "New setup script…" : "Change and deploy…"}
    </Button>
  );
}
