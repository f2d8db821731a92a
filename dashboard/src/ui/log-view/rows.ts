/** A log as rows to draw: the steps as headings, below each open one its lines. */
import type { LogLine, Step } from "../../lib/types";

export type Row =
  | { kind: "step"; step: Step; open: boolean }
  | { kind: "verdict"; step: Step }
  | { kind: "older" }
  | { kind: "line"; line: LogLine };

interface RowsInput {
  steps: readonly Step[];
  lines: readonly LogLine[];
  isOpen(step: Step): boolean;
  hasOlder: boolean;
  /** The sentence that stands above the log: it is not said twice. */
  told?: string | null;
}

export function rowsOf({ steps, lines, isOpen, hasOlder, told }: RowsInput): Row[] {
  if (steps.length === 0) {
    return [
      ...(hasOlder ? [{ kind: "older" as const }] : []),
      ...lines.map((line) => ({ kind: "line" as const, line })),
    ];
  }
  const byStep = linesByStep(steps, lines);
  const olderIn = hasOlder ? firstOpenBeforeLines(steps, lines, isOpen) : null;
  return steps.flatMap((step) => {
    const open = isOpen(step);
    const head: Row = { kind: "step", step, open };
    if (!open) return [head];
    return [
      head,
      ...(step.state === "failed" && step.message && step.message !== told ? [{ kind: "verdict" as const, step }] : []),
      ...(step === olderIn ? [{ kind: "older" as const }] : []),
      ...(byStep.get(step.name) ?? []).map((line) => ({ kind: "line" as const, line })),
    ];
  });
}

/** Lines of a step that is not in the plan stand with the first one. */
export function linesByStep(steps: readonly Step[], lines: readonly LogLine[]): Map<string, LogLine[]> {
  const found = new Map<string, LogLine[]>(steps.map(({ name }) => [name, []]));
  const rest = found.get(steps[0]?.name ?? "");
  for (const line of lines) (found.get(line.step) ?? rest)?.push(line);
  return found;
}

/** Lines that are not here yet belong to the steps up to that of the first one here. */
function firstOpenBeforeLines(
  steps: readonly Step[],
  lines: readonly LogLine[],
  isOpen: (step: Step) => boolean,
): Step | null {
  const found = steps.findIndex(({ name }) => name === lines[0]?.step);
  return steps.slice(0, found < 0 ? steps.length : found + 1).find(isOpen) ?? null;
}

export function rowKey(row: Row): string | number {
  switch (row.kind) {
    case "line":
      return row.line.number;
    case "older":
      return "older";
    default:
      return `${row.kind} ${row.step.name}`;
  }
}
