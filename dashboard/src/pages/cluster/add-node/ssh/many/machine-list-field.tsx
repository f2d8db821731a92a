import { FileText } from "lucide-react";
import { type DragEvent, useRef, useState } from "react";
import { Button } from "../../../../../ui/button";
import { classes } from "../../../../../ui/classes";
import { TextAreaField } from "../../../../../ui/field";
import styles from "./many.module.css";

const LONGEST = 16 * 1024;
const EXAMPLE = "host,port,user,name,agents\n10.0.0.11,22,root,gpu-1,a-1 a-2\n10.0.0.12";

interface MachineListFieldProps {
  value: string;
  onChange(csv: string): void;
  error?: string;
}

/** Takes a list of machines: typed, pasted, chosen as a file, or dropped. */
export function MachineListField({ value, onChange, error }: MachineListFieldProps) {
  const [over, setOver] = useState(false);
  const [refused, setRefused] = useState<string>();
  const file = useRef<HTMLInputElement>(null);
  const take = async (chosen: File | undefined) => {
    if (!chosen) return;
    setRefused(chosen.size > LONGEST ? `${chosen.name} has more than ${LONGEST / 1024} kB` : undefined);
    if (chosen.size <= LONGEST) onChange(await chosen.text());
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files[0]);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is one more way to what the button does
    <div
      className={classes(styles.drop, over && styles.over)}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <TextAreaField
        label="Machines"
        required
        rows={5}
        wrap="off"
        placeholder={EXAMPLE}
        value={value}
        onChange={(csv) => {
          setRefused(undefined);
          onChange(csv);
        }}
        hint="One in a line: host, port, user, name, agents. A heading may name others: nodeId, capabilities, fingerprint, password."
        error={refused ?? error}
      />
      <div>
        <Button compact icon={<FileText size={13} />} onClick={() => file.current?.click()}>
          Choose a CSV file
        </Button>{" "}
        <span className="dim">or drop it here</span>
        <input
          ref={file}
          type="file"
          accept=".csv,.txt,text/csv,text/plain"
          hidden
          aria-label="CSV file"
          onChange={(event) => {
            void take(event.target.files?.[0]);
            event.target.value = "";
          }}
        />
      </div>
    </div>
  );
}
