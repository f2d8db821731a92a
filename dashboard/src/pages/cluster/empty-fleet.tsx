import { Plus, Server } from "lucide-react";
import { useMay } from "../../lib/session";
import { useShortcut } from "../../lib/shortcuts";
import { Button } from "../../ui/button";
import { Empty } from "../../ui/empty";
import styles from "./empty-fleet.module.css";

export function EmptyFleet({ onAdd }: { onAdd(): void }) {
  return (
    <Empty
      icon={<Server size={30} strokeWidth={1.4} aria-hidden="true" />}
      title="No worker nodes yet"
      action={
        <>
          <AddButton onAdd={onAdd} />
          <ol className={styles.steps}>
            <li>Pick how to add it, and run what is shown on the machine.</li>
            <li>The node registers itself and appears here.</li>
            <li>Agents go to the least loaded node that has the capabilities they need.</li>
          </ol>
        </>
      }
    >
      A worker node is a machine that runs your agents. Adding one takes about a minute.
    </Empty>
  );
}

export function AddButton({ onAdd }: { onAdd(): void }) {
  const may = useMay("operator");
  useShortcut("n", "Add worker node", () => may && onAdd());
  return (
    <Button
      kind="primary"
      icon={<Plus size={15} />}
      disabled={!may}
      title={may ? undefined : "This needs the operator role"}
      onClick={onAdd}
    >
      Add worker node
    </Button>
  );
}
