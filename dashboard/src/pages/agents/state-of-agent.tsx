import type { Agent } from "../../lib/types";
import { Badge } from "../../ui/badge";
import { AgentState } from "../node/agent-table";
import { wantedWords } from "./agent-words";
import styles from "./state-of-agent.module.css";

/** How an agent is seen, beside what it should be. On a node that is offline nobody knows: the last known state stands there. */
export function StateOfAgent({ agent }: { agent: Agent }) {
  const was = agent.state === "unknown" && agent.lastState ? `was ${agent.lastState.replaceAll("_", " ")}` : null;
  const beside = agent.movingTo ? `moves to ${agent.movingTo}` : (wantedWords(agent) ?? was);
  return (
    <span className={styles.state}>
      <AgentState agent={{ state: agent.state, status: agent.status ?? undefined }} />
      {agent.waiting && <Badge tone="warn">waits for a person</Badge>}
      {beside && <small className={styles.beside}>{beside}</small>}
    </span>
  );
}
