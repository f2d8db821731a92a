import { ArrowDownUp, ChevronDown, X } from "lucide-react";
import { useMemo } from "react";
import { fleet } from "../../../lib/fleet";
import type { FleetNode } from "../../../lib/node";
import type { SortKey } from "../../../lib/order";
import { useFleetValue } from "../../../lib/use-fleet";
import { Button } from "../../../ui/button";
import { Menu, MenuCheck, MenuItem } from "../../../ui/menu";
import type { ClusterState } from "../use-cluster-state";
import { FilterBox } from "./filter-box";
import { StatusFacets } from "./status-facets";
import styles from "./toolbar.module.css";
import { ViewSwitch } from "./view-switch";

interface ToolbarProps {
  state: ClusterState;
  draft: string;
  onDraft(draft: string): void;
}

const SORTS: readonly (readonly [SortKey, string])[] = [
  ["status", "Status"],
  ["name", "Name"],
  ["cpu", "CPU"],
  ["mem", "Memory"],
  ["agents", "Agents"],
  ["seen", "Last seen"],
];

export function Toolbar({ state, draft, onDraft }: ToolbarProps) {
  const { terms, setTerms } = state;
  const commit = (text: string) => {
    setTerms([...terms.filter((term) => term !== text), text]);
    onDraft("");
  };
  const reopen = () => {
    const last = terms.at(-1);
    if (last === undefined) return;
    setTerms(terms.slice(0, -1));
    onDraft(last);
  };
  return (
    <search className={styles.toolbar}>
      <FilterBox draft={draft} onDraft={onDraft} onCommit={commit} onReopen={reopen} />
      <StatusFacets chosen={state.statuses} onChange={state.setStatuses} />
      <CapabilityMenu terms={terms} onChange={setTerms} />
      <SortMenu state={state} />
      <span className={styles.gap} />
      <ViewSwitch view={state.view} onChange={state.setView} />
      {terms.length > 0 && <ActiveTerms terms={terms} onChange={setTerms} />}
    </search>
  );
}

function ActiveTerms({ terms, onChange }: { terms: readonly string[]; onChange(terms: string[]): void }) {
  return (
    <ul className={styles.terms} aria-label="Active filters">
      {terms.map((term) => (
        <li key={term}>
          <button
            type="button"
            className={styles.term}
            aria-label={`Remove the filter ${term}`}
            onClick={() => onChange(terms.filter((other) => other !== term))}
          >
            <code>{term}</code>
            <X size={12} />
          </button>
        </li>
      ))}
    </ul>
  );
}

function CapabilityMenu({ terms, onChange }: { terms: readonly string[]; onChange(terms: string[]): void }) {
  const { nodes } = fleet;
  const count = useFleetValue(() => nodes.size);
  // biome-ignore lint/correctness/useExhaustiveDependencies: capabilities change with the nodes, hardly ever else
  const capabilities = useMemo(() => countCapabilities(nodes.values()), [nodes, count]);
  if (capabilities.length === 0) return null;
  const toggle = (term: string) =>
    onChange(terms.includes(term) ? terms.filter((other) => other !== term) : [...terms, term]);
  return (
    <Menu
      align="start"
      trigger={
        <Button className="wide-only">
          Capability
          <ChevronDown size={13} />
        </Button>
      }
    >
      {capabilities.map(([name, nodesWithIt]) => (
        <MenuCheck key={name} checked={terms.includes(`cap:${name}`)} onChange={() => toggle(`cap:${name}`)}>
          {name} <span className="dim num">{nodesWithIt}</span>
        </MenuCheck>
      ))}
    </Menu>
  );
}

function SortMenu({ state: { sort, setSort, view } }: { state: ClusterState }) {
  if (view === "map") return null;
  const current = SORTS.find(([key]) => key === sort.key)?.[1] ?? "Status";
  return (
    <Menu
      align="start"
      trigger={
        <Button kind="ghost" className="wide-only" icon={<ArrowDownUp size={13} />} aria-label={`Sorted by ${current}`}>
          {current}
        </Button>
      }
    >
      {SORTS.map(([key, name]) => (
        <MenuItem key={key} onSelect={() => setSort({ key, reversed: false })}>
          {name}
        </MenuItem>
      ))}
    </Menu>
  );
}

function countCapabilities(nodes: Iterable<FleetNode>): [string, number][] {
  const counts = new Map<string, number>();
  for (const { capabilities } of nodes) for (const name of capabilities) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || a.localeCompare(b)).slice(0, 20);
}
