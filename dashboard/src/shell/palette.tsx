import { type KeyboardEvent, useId, useMemo, useState } from "react";
import { useLocation } from "wouter";
import { AGENTS_PAGE } from "../lib/agents";
import { fleet } from "../lib/fleet";
import { useMay } from "../lib/session";
import { PAGES } from "../routes";
import { Dialog } from "../ui/dialog";
import { SearchBox } from "../ui/search-box";
import styles from "./palette.module.css";

const MOST = 12;

interface Target {
  to: string;
  text: string;
  kind: string;
}

/** Where it would lead, for what is done here. */
const BRAKE = "brake";

interface PaletteProps {
  open: boolean;
  onClose(): void;
  onBrake(): void;
}

/** One key to anywhere: pages and nodes by name, and what can be done. */
export function Palette({ open, onClose, onBrake }: PaletteProps) {
  return (
    <Dialog open={open} onClose={onClose} title="Jump to">
      {open && <PaletteBody onClose={onClose} onBrake={onBrake} />}
    </Dialog>
  );
}

function PaletteBody({ onClose, onBrake }: Omit<PaletteProps, "open">) {
  const [, navigate] = useLocation();
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const listId = useId();
  const may = useMay("operator");
  const targets = useMemo(() => find(text, may), [text, may]);
  const go = (target: Target | undefined) => {
    if (!target) return;
    onClose();
    if (target.to === BRAKE) onBrake();
    else navigate(target.to);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setChosen((chosen + step + targets.length) % Math.max(1, targets.length));
    else if (event.key === "Enter") go(targets[chosen]);
    else return;
    event.preventDefault();
  };
  return (
    <div className={styles.palette}>
      <SearchBox
        label="Page, node or action"
        placeholder="Page, node or action"
        value={text}
        onChange={(value) => {
          setText(value);
          setChosen(0);
        }}
        onKeyDown={onKeyDown}
        role="combobox"
        aria-expanded={targets.length > 0}
        aria-controls={listId}
        aria-activedescendant={targets[chosen] ? `${listId}-${chosen}` : undefined}
      />
      <div role="listbox" id={listId} aria-label="Results" className={styles.results}>
        {targets.map((target, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the box above handles the keys
          // biome-ignore lint/a11y/useFocusableInteractive: aria-activedescendant names the chosen one
          <div
            key={target.to}
            id={`${listId}-${index}`}
            role="option"
            aria-selected={index === chosen}
            className={styles.result}
            onPointerMove={() => setChosen(index)}
            onClick={() => go(target)}
          >
            <span className={styles.text}>{target.text}</span>
            <span className="dim">{target.kind}</span>
          </div>
        ))}
      </div>
      {targets.length === 0 && <p className={styles.none}>Nothing has that in its name.</p>}
    </div>
  );
}

const ACTIONS: readonly Target[] = [
  { to: `${AGENTS_PAGE}?register=1`, text: "Register agent", kind: "Action" },
  { to: BRAKE, text: "Pause agents", kind: "Action" },
];

/** What can be done to one node: offered once its name narrows it down. */
const NODE_ACTIONS = ["Drain", "Cordon"] as const;

function find(text: string, may: boolean): Target[] {
  const word = text.trim().toLowerCase();
  const pages: Target[] = PAGES.map(({ path, title, group }) => ({ to: path, text: title, kind: group }));
  const found = [...pages, ...(may ? ACTIONS : [])].filter((one) => one.text.toLowerCase().includes(word));
  const [verb = "", ...rest] = word.split(" ");
  const action = may ? NODE_ACTIONS.find((name) => name.toLowerCase() === verb) : undefined;
  for (const node of fleet.nodes.values()) {
    if (found.length >= MOST) break;
    const to = `/operations/cluster/${encodeURIComponent(node.id)}`;
    if (action && `${node.name} ${node.id}`.toLowerCase().includes(rest.join(" "))) {
      found.push({ to: `${to}?do=${verb}`, text: `${action} ${node.name}`, kind: "Action" });
    }
    if (`${node.name} ${node.id} ${node.host}`.toLowerCase().includes(word)) {
      found.push({ to, text: node.name, kind: "Node" });
    }
  }
  return found;
}
