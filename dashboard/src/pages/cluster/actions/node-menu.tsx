/** One menu for every row and card: they only draw a plain button, so scrolling mounts no menu. */
import { ExternalLink, LogOut, MoreHorizontal, Pause, Play, RotateCw, Trash2, Zap } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { memo, useState, useSyncExternalStore } from "react";
import { useLocation } from "wouter";
import type { FleetNode } from "../../../lib/node";
import { useMay } from "../../../lib/session";
import { Button } from "../../../ui/button";
import { MenuContent, MenuItem, MenuLine } from "../../../ui/menu";
import { nodePath } from "../node-path";
import { CordonNode, useUncordon } from "./cordon-node";
import { DrainNode } from "./drain-node";
import { RemoveNode, RestartAgents, usePing } from "./node-actions";
import styles from "./node-menu.module.css";

interface OpenMenu {
  node: FleetNode;
  button: HTMLElement;
}

let current: OpenMenu | null = null;
const listeners = new Set<() => void>();

function show(menu: OpenMenu | null): void {
  current = menu;
  for (const listener of listeners) listener();
}

const MORE_ICON = <MoreHorizontal size={15} />; // made once for all rows

export const NodeMenuButton = memo(function NodeMenuButton({ node, name }: { node: FleetNode; name: string }) {
  return (
    <Button
      kind="ghost"
      compact
      id={buttonId(node)}
      icon={MORE_ICON}
      aria-haspopup="menu"
      aria-label={`Actions for ${name}`}
      onClick={(event) => show({ node, button: event.currentTarget })}
    />
  );
});

function buttonId(node: FleetNode): string {
  return `actions-${node.id}`;
}

const NEEDS_OPERATOR = "This needs the operator role";

export function NodeMenu() {
  const menu = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
  const [asked, setAsked] = useState<{ what: Act; node: FleetNode } | null>(null);
  const [, navigate] = useLocation();
  const close = () => setAsked(null);
  return (
    <>
      <OpenNodeMenu menu={menu} onAsk={(what, node) => setAsked({ what, node })} />
      {asked?.what === "cordon" && <CordonNode node={asked.node} onClose={close} />}
      {asked?.what === "drain" && (
        <DrainNode node={asked.node} onClose={close} onDraining={() => navigate(nodePath(asked.node.id))} />
      )}
      {asked?.what === "restart" && <RestartAgents node={asked.node} onClose={close} />}
      {asked?.what === "remove" && <RemoveNode node={asked.node} onClose={close} />}
    </>
  );
}

type Act = "cordon" | "drain" | "restart" | "remove";

interface OpenNodeMenuProps {
  menu: OpenMenu | null;
  onAsk(what: Act, node: FleetNode): void;
}

function OpenNodeMenu({ menu, onAsk }: OpenNodeMenuProps) {
  const [, navigate] = useLocation();
  const mayAct = useMay("operator");
  const ping = usePing();
  const uncordon = useUncordon();
  const place = menu?.button.getBoundingClientRect();
  const close = () => {
    if (current === null) return;
    show(null);
    // A dialog that an item has opened keeps the focus, and gives it back to the button itself.
    if (menu && document.querySelector("[data-modal]") === null) {
      document.getElementById(buttonId(menu.node))?.focus({ preventScroll: true });
    }
  };
  const forbidden = mayAct ? undefined : NEEDS_OPERATOR;
  return (
    <DropdownMenu.Root modal={false} open={menu !== null} onOpenChange={(open) => open || close()}>
      <DropdownMenu.Trigger asChild>
        <span
          className={styles.anchor}
          style={{ left: place?.right ?? 0, top: place?.bottom ?? 0 }}
          aria-hidden="true"
        />
      </DropdownMenu.Trigger>
      {menu && (
        <MenuContent align="end" openedBy={buttonId(menu.node)}>
          <MenuItem icon={<ExternalLink size={14} />} onSelect={() => navigate(nodePath(menu.node.id))}>
            Open
          </MenuItem>
          <MenuItem
            icon={<Zap size={14} />}
            disabled={!mayAct}
            title={forbidden}
            onSelect={() => ping.mutate(menu.node)}
          >
            Ping
          </MenuItem>
          <MenuItem
            icon={menu.node.schedulable ? <Pause size={14} /> : <Play size={14} />}
            disabled={!mayAct}
            title={forbidden}
            onSelect={() => (menu.node.schedulable ? onAsk("cordon", menu.node) : uncordon.mutate(menu.node))}
          >
            {menu.node.schedulable ? "Cordon…" : "Uncordon"}
          </MenuItem>
          <MenuItem
            icon={<LogOut size={14} />}
            disabled={!mayAct}
            title={forbidden}
            onSelect={() => onAsk("drain", menu.node)}
          >
            Drain…
          </MenuItem>
          <MenuItem
            icon={<RotateCw size={14} />}
            disabled={!mayAct}
            title={forbidden}
            onSelect={() => onAsk("restart", menu.node)}
          >
            Restart agents…
          </MenuItem>
          <MenuLine />
          <MenuItem
            danger
            icon={<Trash2 size={14} />}
            disabled={!mayAct}
            title={forbidden}
            onSelect={() => onAsk("remove", menu.node)}
          >
            Remove node…
          </MenuItem>
        </MenuContent>
      )}
    </DropdownMenu.Root>
  );
}
