import { ArrowRightLeft, ExternalLink, Hand, Play, RotateCw, Square, Trash2 } from "lucide-react";
import { useLocation } from "wouter";
import { agentPath } from "../../../lib/agents";
import { useForbidden } from "../../../lib/session";
import type { Agent } from "../../../lib/types";
import { MenuItem, MenuLine } from "../../../ui/menu";
import { RowMenu } from "../../../ui/row-menu";
import type { Act } from "./agent-dialog";

/** What can be done with one agent of the list; one that is only seen must be adopted first. */
export function AgentMenu({ agent, onAsk }: { agent: Agent; onAsk(what: Act): void }) {
  const [, navigate] = useLocation();
  const title = useForbidden("operator");
  const may = { disabled: title !== undefined, title };
  return (
    <RowMenu of={agent.name}>
      <MenuItem icon={<ExternalLink size={14} />} onSelect={() => navigate(agentPath(agent.agentId))}>
        Open
      </MenuItem>
      <MenuLine />
      {agent.managed ? (
        <>
          {agent.wanted === "stopped" ? (
            <MenuItem icon={<Play size={14} />} {...may} onSelect={() => onAsk("start")}>
              Start…
            </MenuItem>
          ) : (
            <>
              <MenuItem icon={<Square size={14} />} {...may} onSelect={() => onAsk("stop")}>
                Stop…
              </MenuItem>
              <MenuItem icon={<RotateCw size={14} />} {...may} onSelect={() => onAsk("restart")}>
                Restart…
              </MenuItem>
            </>
          )}
          <MenuItem icon={<ArrowRightLeft size={14} />} {...may} onSelect={() => onAsk("move")}>
            Move…
          </MenuItem>
          <MenuLine />
          <MenuItem danger icon={<Trash2 size={14} />} {...may} onSelect={() => onAsk("remove")}>
            Delete…
          </MenuItem>
        </>
      ) : (
        <MenuItem icon={<Hand size={14} />} {...may} onSelect={() => onAsk("adopt")}>
          Adopt…
        </MenuItem>
      )}
    </RowMenu>
  );
}
