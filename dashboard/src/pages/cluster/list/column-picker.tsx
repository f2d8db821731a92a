import { ArrowDown, ArrowUp, Columns3 } from "lucide-react";
import { useState } from "react";
import { moveColumn } from "../../../lib/columns";
import { Button } from "../../../ui/button";
import { Dialog, DialogBody, DialogFooter } from "../../../ui/dialog";
import styles from "./column-picker.module.css";
import { columnOf, type NodeColumnChoices, type NodeColumnKey } from "./node-columns";

interface ColumnPickerProps {
  choices: NodeColumnChoices;
  onChange(choices: NodeColumnChoices): void;
}

/** Which columns the table has, and their order: at once, and remembered by this browser. */
export function ColumnPicker({ choices, onChange }: ColumnPickerProps) {
  const [open, setOpen] = useState(false);
  const toggle = (key: NodeColumnKey) =>
    onChange(choices.map((choice) => (choice.key === key ? { key, shown: !choice.shown } : choice)));
  return (
    <>
      <Button
        kind="ghost"
        compact
        icon={<Columns3 size={14} />}
        aria-label="Choose columns"
        onClick={() => setOpen(true)}
      />
      <Dialog open={open} onClose={() => setOpen(false)} title="Columns" narrow>
        <DialogBody>
          <ul className={styles.list}>
            {choices.map(({ key, shown }) => (
              <li key={key} className={styles.line}>
                <label className={styles.label}>
                  <input type="checkbox" checked={shown} onChange={() => toggle(key)} />
                  {columnOf(key).title}
                </label>
                <Button
                  kind="ghost"
                  compact
                  icon={<ArrowUp size={14} />}
                  aria-label={`Move ${columnOf(key).title} up`}
                  onClick={() => onChange(moveColumn(choices, key, -1))}
                />
                <Button
                  kind="ghost"
                  compact
                  icon={<ArrowDown size={14} />}
                  aria-label={`Move ${columnOf(key).title} down`}
                  onClick={() => onChange(moveColumn(choices, key, 1))}
                />
              </li>
            ))}
          </ul>
        </DialogBody>
        <DialogFooter>
          <Button onClick={() => setOpen(false)}>Done</Button>
        </DialogFooter>
      </Dialog>
    </>
  );
}
