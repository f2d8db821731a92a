import { usePreference } from "../lib/preference";
import { activeShortcuts, SHORTCUTS_OFF } from "../lib/shortcuts";
import { Dialog, DialogBody } from "../ui/dialog";
import styles from "./shortcut-help.module.css";

export function ShortcutHelp({ open, onClose }: { open: boolean; onClose(): void }) {
  const [off, setOff] = usePreference(SHORTCUTS_OFF);
  return (
    <Dialog open={open} onClose={onClose} title="Keyboard shortcuts" narrow>
      <DialogBody>
        <label className={styles.switch}>
          <input type="checkbox" checked={off !== "1"} onChange={(event) => setOff(event.target.checked ? "0" : "1")} />
          Single keys act on the page
        </label>
        <dl className={styles.list}>
          {open &&
            activeShortcuts().map(({ keys, does }) => (
              <div key={keys}>
                <dt>{does}</dt>
                <dd>
                  {keys.split(" ").map((key) => (
                    <kbd key={key}>{key}</kbd>
                  ))}
                </dd>
              </div>
            ))}
        </dl>
      </DialogBody>
    </Dialog>
  );
}
