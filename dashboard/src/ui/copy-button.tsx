import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "./button";

const SHOWN_MS = 2000;

interface CopyButtonProps {
  text: string;
  /** What is copied, for readers: "Copy command". */
  label: string;
  compact?: boolean;
}

/** Copies a text and says so in its own place. */
export function CopyButton({ text, label, compact }: CopyButtonProps) {
  const [outcome, setOutcome] = useState<"copied" | "failed" | null>(null);
  useEffect(() => {
    if (!outcome) return;
    const timer = setTimeout(() => setOutcome(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async () => setOutcome((await copyText(text)) ? "copied" : "failed");
  return (
    <Button
      compact={compact}
      icon={outcome === "copied" ? <Check size={14} /> : <Copy size={14} />}
      onClick={copy}
      aria-label={label}
    >
      <span aria-live="polite">
        {outcome === "copied" ? "Copied" : outcome === "failed" ? "Select and copy by hand" : "Copy"}
      </span>
    </Button>
  );
}

/** The clipboard is there in secure contexts only; elsewhere the old way through a selected field. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

function copyBySelection(text: string): boolean {
  const field = document.createElement("textarea");
  field.value = text;
  field.style.position = "fixed";
  field.style.opacity = "0";
  (document.querySelector('[role="dialog"]') ?? document.body).append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  return copied;
}
