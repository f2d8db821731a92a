import type { ReactNode } from "react";
import { epochOf, formatMoment } from "../../lib/format";
import type { Job } from "../../lib/types";
import { Chips } from "../../ui/badge";
import { NodeLink } from "../../ui/node-link";
import { Facts, Panel } from "../../ui/panel";
import { JobTime } from "./job-time";

type Fact = readonly [name: string, value: ReactNode];
type MaybeFact = Fact | false;

export function JobFacts({ job }: { job: Job }) {
  const facts: MaybeFact[] = [
    Boolean(job.nodeId) && (["Node", <NodeLink key="node" id={job.nodeId ?? ""} />] as const),
    ...orderFacts(job),
    ["Asked by", job.askedBy || "–"],
    ["Asked at", formatMoment(epochOf(job.createdAt))],
    ["Took", <JobTime key="took" job={job} />],
    job.attempt > 1 && ["Attempts", String(job.attempt)],
    ["Job", <code key="id">{job.id}</code>],
  ];
  return (
    <Panel title="Facts">
      <Facts facts={facts.filter(isFact)} />
    </Panel>
  );
}

/** What was ordered, and for which machine. */
export function orderFacts(job: Job): Fact[] {
  const { target } = job;
  const facts: MaybeFact[] = [
    Boolean(job.host) && (["Machine", <code key="host">{addressOf(job)}</code>] as const),
    Boolean(target.origin) && ["Run as", target.origin === "bundle" ? "An offline bundle" : "A script on the machine"],
    Boolean(target.version) && ["New version", target.version],
    Boolean(target.bastion) &&
      ([
        "Through",
        <code key="bastion">{`${target.bastion?.user}@${target.bastion?.host}:${target.bastion?.port}`}</code>,
      ] as const),
    Boolean(target.fingerprint) && (["Host key", <code key="key">{target.fingerprint}</code>] as const),
    Boolean(target.agents?.length) &&
      (["Agents", <Chips key="agents" names={target.agents ?? []} most={6} />] as const),
    Boolean(target.capabilities?.length) &&
      (["Capabilities", <Chips key="capabilities" names={target.capabilities ?? []} most={6} />] as const),
  ];
  return facts.filter(isFact);
}

function isFact(fact: MaybeFact): fact is Fact {
  return fact !== false;
}

function addressOf({ host, target }: Job): string {
  const user = target.user ? `${target.user}@` : "";
  return `${user}${host}${target.port ? `:${target.port}` : ""}`;
}
