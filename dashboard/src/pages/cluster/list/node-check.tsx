import { memo } from "react";
import { selection, useIsSelected } from "../../../lib/selection";
import styles from "./node-check.module.css";

/** Chooses a node for the bulk actions; with Shift everything since the last one. */
export const NodeCheck = memo(function NodeCheck({ id, name }: { id: string; name: string }) {
  const chosen = useIsSelected(id);
  return (
    <input
      type="checkbox"
      className={styles.check}
      aria-label={`Select ${name}`}
      checked={chosen}
      data-select={id}
      onChange={({ nativeEvent, currentTarget }) =>
        nativeEvent instanceof MouseEvent && nativeEvent.shiftKey ? extendTo(id, currentTarget) : selection.toggle(id)
      }
    />
  );
});

/** The list tells its order: a row that is not drawn is in it too. */
function extendTo(id: string, box: HTMLElement): void {
  box.dispatchEvent(new CustomEvent("select-to", { bubbles: true, detail: id }));
}
