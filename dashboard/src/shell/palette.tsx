import { type KeyboardEvent, useId, useMemo, useState } from "react";
import { useLocation } from "wouter";
import { fleet } from "../lib/fleet";
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

/** One key to anywhere: pages and nodes by name. */
export function Palette({ open, onClose }: { open: boolean; onClose(): void }) {
  return (
    <Dialog open={open} onClose={onClose} title="Jump to">
      {open && <PaletteBody onClose={onClose} />}
    </Dialog>
  );
}

function PaletteBody({ onClose }: { onClose(): void }) {
  const [, navigate] = useLocation();
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const listId = useId();
  const targets = useMemo(() => find(text), [text]);
  const go = (target: Target | undefined) => {
    if (!target) return;
    onClose();
    navigate(target.to);
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
        label="Page or node"
        placeholder="Page or node"
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

function find(text: string): Target[] {
  const word = text.trim().toLowerCase();
  const pages: Target[] = PAGES.map(({ path, title, group }) => ({ to: path, text: title, kind: group }));
  const found = pages.filter((page) => page.text.toLowerCase().includes(word));
  for (const node of fleet.nodes.values()) {
    if (found.length >= MOST) break;
    if (`${node.name} ${node.id} ${node.host}`.toLowerCase().includes(word)) {
      found.push({ to: `/operations/cluster/${encodeURIComponent(node.id)}`, text: node.name, kind: "Node" });
    }
  }
  return found;
}
