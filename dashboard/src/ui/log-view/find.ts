/** What is looked for in a log, and what stands out in it by itself. */
import type { Log, LogLine } from "../../lib/types";
import { type Piece, parseAnsi } from "./ansi";

export type Level = "error" | "warning" | "command" | null;

const ERROR =
  /(?<!\b(?:0|no|without) )\b(?:\w*errors?|failed|failures?|fatal|traceback|\w*exception|refused|denied|cannot|no such file|not found|npm err)\b/i;
const WARNING = /\b(warn(ing)?|deprecated)\b/i;

export function levelOf(text: string): Level {
  if (ERROR.test(text)) return "error";
  if (WARNING.test(text)) return "warning";
  return /^[$+] /.test(text) ? "command" : null;
}

interface Read {
  pieces: readonly Piece[];
  /** What is seen of it. */
  plain: string;
  level: Level;
}

const known = new WeakMap<LogLine, Read>();

/** A line taken apart; remembered as long as the line is. */
export function readLine(line: LogLine): Read {
  const before = known.get(line);
  if (before) return before;
  const pieces = parseAnsi(line.text);
  const plain = pieces.map(({ text }) => text).join("");
  const read = { pieces, plain, level: levelOf(plain) };
  known.set(line, read);
  return read;
}

export interface Looked {
  /** Is in the line, whatever its case. */
  text: string;
  errorsOnly: boolean;
}

/** The lines that somebody looks for; the control plane finds the same ones in all of a log. */
export function findLines(lines: readonly LogLine[], { text, errorsOnly }: Looked): LogLine[] {
  const wanted = text.toLowerCase();
  return lines.filter((line) => {
    const { plain, level } = readLine(line);
    return plain.toLowerCase().includes(wanted) && (level === "error" || !errorsOnly);
  });
}

/** What the control plane found in the log as it was then, and what came after that and is here. */
export function joinFound(told: Log, here: readonly LogLine[]): { lines: readonly LogLine[]; count: number } {
  const later = here.filter(({ number }) => number > told.last);
  return { lines: [...told.lines, ...later], count: told.matched + later.length };
}

export interface MarkedPiece extends Piece {
  found: boolean;
}

/** The pieces cut so that each occurrence of a text, also across pieces, is one or more pieces of its own. */
export function markFound(pieces: readonly Piece[], text: string): MarkedPiece[] {
  const wanted = text.toLowerCase();
  const texts = pieces.map((piece) => piece.text);
  const whole = texts.join("").toLowerCase();
  if (!wanted || !whole.includes(wanted)) return pieces.map((piece) => ({ ...piece, found: false }));
  const cuts: number[] = [];
  for (let at = whole.indexOf(wanted); at >= 0; at = whole.indexOf(wanted, at + wanted.length)) {
    cuts.push(at, at + wanted.length);
  }
  return cutPieces(pieces, cuts);
}

function cutPieces(pieces: readonly Piece[], cuts: readonly number[]): MarkedPiece[] {
  const marked: MarkedPiece[] = [];
  let at = 0;
  let passed = 0; // cuts behind us; an odd number means inside
  for (const { text, look } of pieces) {
    const end = at + text.length;
    let from = at;
    while (passed < cuts.length && (cuts[passed] ?? 0) <= end) {
      const cut = cuts[passed] ?? 0;
      if (cut > from) marked.push({ text: text.slice(from - at, cut - at), look, found: passed % 2 === 1 });
      from = Math.max(from, cut);
      passed += 1;
    }
    if (from < end) marked.push({ text: text.slice(from - at), look, found: passed % 2 === 1 });
    at = end;
  }
  return marked;
}

/** "#L12" or "#L12-L20" as the first and the last line, in order. */
export function readLineLink(hash: string): readonly [number, number] | null {
  const found = /^#L(\d{1,9})(?:-L?(\d{1,9}))?$/.exec(hash);
  if (!found) return null;
  const [one, other] = [Number(found[1]), Number(found[2] ?? found[1])];
  return one <= other ? [one, other] : [other, one];
}

export function lineLink([first, last]: readonly [number, number]): string {
  return first === last ? `#L${first}` : `#L${first}-L${last}`;
}
