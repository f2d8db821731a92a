/** Operations > Deployments: every piece of remote work, newest first. */
import { Rocket } from "lucide-react";
import { useLocation } from "wouter";
import { useJobs } from "../../lib/jobs";
import { useUrlState } from "../../lib/url-state";
import { useSearchText } from "../../lib/use-search";
import { HOME } from "../../routes";
import { Button } from "../../ui/button";
import { Empty } from "../../ui/empty";
import { ListBar } from "../../ui/list-bar";
import { Page } from "../../ui/page";
import styles from "./deployments-page.module.css";
import { JobList } from "./job-list";
import { KINDS, STATES } from "./job-words";

const ANY_KIND = { value: "", label: "Any kind" };
const KIND_OPTIONS = [ANY_KIND, ...Object.entries(KINDS).map(([value, label]) => ({ value, label }))];

export default function DeploymentsPage() {
  const [shown, words, search] = useSearchText();
  const [url, change] = useUrlState();
  const [kind, state] = [knownIn(KIND_OPTIONS, url.get("kind")), knownIn(STATES, url.get("state"))];
  // Who looks for something looks for parts too.
  const list = useJobs({ words, kind, state, whole: !words && !kind && !state });
  const filters = [words, kind && `kind ${kind}`, state && `state ${state}`].filter(Boolean).join(", ");
  return (
    <Page
      title="Deployments"
      summary="What was asked for on the machines: deploys, restarts, tests; how far each is, and its log"
      actions={<DeployButton />}
    >
      <ListBar label="Search jobs" text={shown} onSearch={search}>
        <span className={styles.filters}>
          <Filter label="Kind" value={kind} options={KIND_OPTIONS} onChange={(value) => change({ kind: value })} />
          <Filter label="State" value={state} options={STATES} onChange={(value) => change({ state: value })} />
        </span>
      </ListBar>
      <JobList
        list={list}
        words={filters}
        empty={
          <Empty icon={<Rocket size={20} aria-hidden="true" />} title="Nothing was asked for yet">
            Deploy to a machine over SSH: it becomes a node in one job, and its log is kept here.
          </Empty>
        }
      />
    </Page>
  );
}

function DeployButton() {
  const [, navigate] = useLocation();
  return (
    <Button kind="primary" icon={<Rocket size={14} />} onClick={() => navigate(`${HOME}?add=ssh`)}>
      Deploy via SSH
    </Button>
  );
}

interface FilterProps {
  label: string;
  value: string;
  options: readonly { value: string; label: string }[];
  onChange(value: string): void;
}

function Filter({ label, value, options, onChange }: FilterProps) {
  return (
    <select
      className={styles.filter}
      aria-label={label}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    >
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
  );
}

/** A value of the address that is none of the choices counts as none. */
function knownIn(options: readonly { value: string }[], value: string | null): string {
  return options.some((option) => option.value === value) ? (value ?? "") : "";
}
