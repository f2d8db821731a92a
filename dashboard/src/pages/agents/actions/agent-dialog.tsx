import type { AgentAction } from "../../../lib/agents";
import { ActOnAgent, type Target } from "./act-on-agent";
import { AdoptAgent, RemoveAgent } from "./keep-agent";

export type Act = AgentAction | "adopt" | "remove";

export interface Asked {
  what: Act;
  agent: Target;
}

interface AgentDialogProps extends Asked {
  onClose(): void;
  onAsked?(jobId: string): void;
  onRemoved?(): void;
}

/** What is asked before something is done with an agent. */
export function AgentDialog({ what, agent, onClose, onAsked, onRemoved }: AgentDialogProps) {
  if (what === "adopt") return <AdoptAgent agent={agent} onClose={onClose} />;
  if (what === "remove") return <RemoveAgent agent={agent} onClose={onClose} onDone={onRemoved} />;
  return <ActOnAgent action={what} agent={agent} onClose={onClose} onAsked={onAsked} />;
}
