import { Link } from "wouter";
import { epochOf } from "../../../lib/format";
import type { AgentWithHistory } from "../../../lib/types";
import { Bar } from "../../../ui/meter";
import { Since } from "../../../ui/time";
import styles from "./agent-told.module.css";
import { progressIn, questionIn } from "./told";

/** What the agent itself says: that it waits for a person, and how far it is. */
export function AgentTold({ found: { seen } }: { found: AgentWithHistory }) {
  const copy = seen.find(({ waiting, progress }) => waiting || progress);
  const question = questionIn(copy?.waiting);
  const progress = progressIn(copy?.progress);
  return (
    <>
      {question && (
        <p className={styles.told} role="note">
          <b>Waits for a person:</b> {question} <Link href="/operations/waiting">Answer</Link>
        </p>
      )}
      {progress && (
        <div className={styles.told} role="note">
          <p>
            {progress.text || "Goes on"}
            {progress.at && (
              <span className="dim">
                , <Since at={epochOf(progress.at)} />
              </span>
            )}
          </p>
          {progress.percent !== null && (
            <Bar share={progress.percent / 100} label={`Progress, ${Math.round(progress.percent)}%`} tone="accent" />
          )}
        </div>
      )}
    </>
  );
}
