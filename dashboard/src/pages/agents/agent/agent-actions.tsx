import { ArrowRightLeft, Hand, MoreHorizontal, Pencil, Play, RotateCw, Square, Trash2 } from "lucide-react";
import { useState } from "react";
import { useLocation } from "wouter";
import { AGENTS_PAGE } from "../../../lib/agents";
import { useForbidden } from "../../../lib/session";
import { useShortcut } from "../../../lib/shortcuts";
import type { AgentRow, AgentWithHistory } from "../../../lib/types";
import { Button } from "../../../ui/button";
import { Menu, MenuItem, MenuLine } from "../../../ui/menu";
import { type Act, AgentDialog } from "../actions/agent-dialog";
import { EditAgent } from "../register/edit-agent";
import type { Followed } from "./act-proof";

interface AgentActionsProps {
  found: AgentWithHistory;
  name: string;
  onAsked(followed: Followed): void;
}

/** What can be done with the agent of this page. */
export function AgentActions({ found: { agentId, agent, seen }, name, onAsked }: AgentActionsProps) {
  const [asking, setAsking] = useState<Act | "edit" | null>(null);
  const [, navigate] = useLocation();
  const close = () => setAsking(null);
  const target = { agentId, name, nodeId: agent?.nodeId ?? seen[0]?.nodeId ?? null };
  return (
    <>
      {agent ? <Managed row={agent} onAsk={setAsking} /> : <Adopt onAsk={setAsking} />}
      {asking === "edit" && agent && <EditAgent row={agent} onClose={close} />}
      {asking && asking !== "edit" && (
        <AgentDialog
          what={asking}
          agent={target}
          onClose={close}
          onAsked={(jobId) => asking !== "adopt" && asking !== "remove" && onAsked({ action: asking, jobId })}
          onRemoved={() => navigate(AGENTS_PAGE)}
        />
      )}
    </>
  );
}

function Adopt({ onAsk }: { onAsk(what: Act): void }) {
  const title = useForbidden("operator");
  return (
    <Button kind="primary" icon={<Hand size={14} />} disabled={!!title} title={title} onClick={() => onAsk("adopt")}>
      Adopt
    </Button>
  );
}

function Managed({ row, onAsk }: { row: AgentRow; onAsk(what: Act | "edit"): void }) {
  const title = useForbidden("operator");
  const may = { disabled: title !== undefined, title };
  const ask = (what: Act | "edit") => () => title === undefined && onAsk(what);
  const stopped = row.wanted === "stopped";
  useShortcut("s", stopped ? "Start the agent" : "Stop the agent", ask(stopped ? "start" : "stop"));
  useShortcut("r", "Restart the agent", () => !stopped && ask("restart")());
  useShortcut("m", "Move the agent", ask("move"));
  useShortcut("e", "Edit the agent", ask("edit"));
  return (
    <>
      {stopped ? (
        <Button icon={<Play size={14} />} {...may} onClick={ask("start")}>
          Start
        </Button>
      ) : (
        <>
          <Button icon={<Square size={14} />} {...may} onClick={ask("stop")}>
            Stop
          </Button>
          <Button icon={<RotateCw size={14} />} {...may} onClick={ask("restart")}>
            Restart
          </Button>
        </>
      )}
      <Button icon={<ArrowRightLeft size={14} />} {...may} onClick={ask("move")}>
        Move
      </Button>
      <Menu trigger={<Button icon={<MoreHorizontal size={15} />} aria-label="More actions" />}>
        <MenuItem icon={<Pencil size={14} />} {...may} onSelect={ask("edit")}>
          Edit…
        </MenuItem>
        <MenuLine />
        <MenuItem danger icon={<Trash2 size={14} />} {...may} onSelect={ask("remove")}>
          Delete…
        </MenuItem>
      </Menu>
    </>
  );
}
