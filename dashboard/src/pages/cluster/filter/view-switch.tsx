import { LayoutGrid, type LucideIcon, Map as MapIcon, Rows3 } from "lucide-react";
import { ToggleGroup } from "radix-ui";
import { Tooltip } from "../../../ui/tooltip";
import { VIEWS, type View } from "../use-cluster-state";
import styles from "./view-switch.module.css";

const LOOKS: Record<View, { icon: LucideIcon; name: string }> = {
  cards: { icon: LayoutGrid, name: "Cards" },
  table: { icon: Rows3, name: "Table" },
  map: { icon: MapIcon, name: "Map" },
};

export function ViewSwitch({ view, onChange }: { view: View; onChange(view: View): void }) {
  return (
    <ToggleGroup.Root
      type="single"
      className={styles.switch}
      aria-label="View"
      value={view}
      onValueChange={(next) => next && onChange(next as View)}
    >
      {VIEWS.map((option) => {
        const { icon: Icon, name } = LOOKS[option];
        return (
          <Tooltip key={option} text={name}>
            <ToggleGroup.Item value={option} className={styles.option} aria-label={name}>
              <Icon size={15} />
            </ToggleGroup.Item>
          </Tooltip>
        );
      })}
    </ToggleGroup.Root>
  );
}
