import { useId } from "react";
import { fleet } from "../../../lib/fleet";
import type { FleetNode } from "../../../lib/node";
import { useStatuses } from "../../../lib/use-fleet";
import { Field, SelectField } from "../../../ui/field";

const MOST = 200;

interface NodeFieldProps {
  label: string;
  value: string;
  onChange(nodeId: string): void;
  /** A node that is no choice: where it is now. */
  except?: string | null;
}

/** A node by hand, or the best one. A large fleet is typed rather than scrolled. */
export function NodeField({ label, value, onChange, except }: NodeFieldProps) {
  useStatuses();
  const nodes = [...fleet.nodes.values()].filter(({ id, managed }) => managed && id !== except).sort(byName);
  if (nodes.length > MOST) return <TypedNode label={label} value={value} onChange={onChange} nodes={nodes} />;
  const options = nodes.map(({ id, name, status }) => ({
    value: id,
    label: `${name === id ? id : `${name} (${id})`}${status === "offline" ? ", offline" : ""}`,
  }));
  return (
    <SelectField
      label={label}
      value={value}
      onChange={onChange}
      options={[{ value: "", label: "The best node" }, ...options]}
      hint="The best node: it has what is needed, the most room, and the fewest agents of the same role nearby."
    />
  );
}

function TypedNode({ label, value, onChange, nodes }: NodeFieldProps & { nodes: readonly FleetNode[] }) {
  const id = useId();
  const shown = nodes.filter((node) => node.id.includes(value)).slice(0, 20);
  return (
    <>
      <Field
        label={label}
        value={value}
        onChange={onChange}
        list={id}
        hint="The id of a node. Empty: the best node."
        spellCheck={false}
        autoComplete="off"
      />
      <datalist id={id}>
        {shown.map((node) => (
          <option key={node.id} value={node.id} />
        ))}
      </datalist>
    </>
  );
}

function byName(one: FleetNode, other: FleetNode): number {
  return one.sortName < other.sortName ? -1 : 1;
}
