import { KeyRound, X } from "lucide-react";
import { type DragEvent, useState } from "react";
import { Button } from "../../../../ui/button";
import { classes } from "../../../../ui/classes";
import { TextAreaField } from "../../../../ui/field";
import styles from "./ssh-form.module.css";

const WHOLE = /-----END [A-Z0-9 ]*PRIVATE KEY-----/;
const LONGEST = 16 * 1024;

interface KeyFieldProps {
  value: string;
  onChange(key: string): void;
  error?: string;
}

/** Takes a private key by paste or drop. Once it is whole it is not shown any more. */
export function KeyField({ value, onChange, error }: KeyFieldProps) {
  const [draft, setDraft] = useState("");
  const [over, setOver] = useState(false);
  const [refused, setRefused] = useState<string>();
  const take = (text: string) => {
    setRefused(undefined);
    setDraft(WHOLE.test(text) ? "" : text);
    if (WHOLE.test(text)) onChange(text);
  };
  const drop = async (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer.files[0];
    if (!file) return;
    const text = file.size > LONGEST ? "" : await file.text();
    if (WHOLE.test(text)) take(text);
    else setRefused(`${file.name} is not a private key`);
  };
  if (value) return <Taken lines={value.trim().split("\n").length} error={error} onRemove={() => onChange("")} />;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way to what pasting does
    <div
      className={classes(styles.drop, over && styles.over)}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => void drop(event)}
    >
      <TextAreaField
        label="Private key"
        required
        rows={3}
        placeholder="-----BEGIN OPENSSH PRIVATE KEY-----"
        value={draft}
        onChange={take}
        onBlur={() => draft.trim() && onChange(draft)}
        hint="Paste it or drop its file here. It is used for this deploy only, never stored and never shown again."
        error={refused ?? error}
      />
    </div>
  );
}

function Taken({ lines, error, onRemove }: { lines: number; error?: string; onRemove(): void }) {
  return (
    <div className={styles.taken}>
      <span className={styles.label}>Private key</span>
      <div className={styles.key} role="status">
        <KeyRound size={15} aria-hidden="true" />
        <span>Key taken, {lines} lines. It is not shown again.</span>
        <Button compact icon={<X size={13} />} onClick={onRemove}>
          Remove
        </Button>
      </div>
      {error && (
        <p role="alert" className={styles.error}>
          {error}
        </p>
      )}
    </div>
  );
}
