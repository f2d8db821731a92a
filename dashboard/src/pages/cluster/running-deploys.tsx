import { Link } from "wouter";
import { jobPath, useOpenJobs } from "../../lib/jobs";
import type { Job, Step } from "../../lib/types";
import { classes } from "../../ui/classes";
import { StepTime } from "../../ui/log-view/step-time";
import { Bar } from "../../ui/meter";
import { Panel } from "../../ui/panel";
import { WorkGlyph, workWord } from "../../ui/work-state";
import { JobTime } from "../deployments/job-time";
import { progressOf, subjectOf } from "../deployments/job-words";
import styles from "./running-deploys.module.css";

const SHOWN = 3;

/** The deploys that are at work now, step by step. */
export function RunningDeploys() {
  const deploys = useOpenJobs().filter(({ kind }) => kind === "deploy" || kind === "deploy_many");
  if (deploys.length === 0) return null;
  return (
    <Panel
      title="Deploying"
      count={deploys.length > 1 ? deploys.length : undefined}
      link={{ to: "/operations/deployments", text: "All deployments" }}
    >
      {deploys.slice(0, SHOWN).map((job) => (
        <Deploy key={job.id} job={job} />
      ))}
    </Panel>
  );
}

function Deploy({ job }: { job: Job }) {
  const over = job.steps.filter(({ state }) => state === "succeeded" || state === "skipped").length;
  const { parts } = job;
  const share = parts ? (parts.total - parts.queued - parts.running) / parts.total : over / (job.steps.length || 1);
  return (
    <section className={styles.deploy} aria-label={subjectOf(job)}>
      <p className={styles.head}>
        <Link href={jobPath(job.id)} className={styles.name}>
          {subjectOf(job)}
        </Link>
        <span className="dim">
          <JobTime job={job} />
        </span>
      </p>
      <Bar share={share} label={progressOf(job) ?? "waiting"} tone="accent" />
      {parts && <p className="dim">{progressOf(job)}</p>}
      <ol>
        {job.steps.map((step) => (
          <DeployStep key={step.name} step={step} />
        ))}
      </ol>
    </section>
  );
}

function DeployStep({ step }: { step: Step }) {
  return (
    <li className={classes(styles.step, step.state === "running" && styles.running)}>
      <WorkGlyph state={step.state} />
      <span className={styles.title}>
        {step.title}
        <span className="readers-only">, {workWord(step.state)}</span>
      </span>
      <StepTime step={step} />
    </li>
  );
}
