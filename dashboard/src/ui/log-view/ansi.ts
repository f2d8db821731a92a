/** Text with terminal colours as pieces with a class each; every other control sequence is left out. */
export interface Piece {
  text: string;
  /** Names of styles: "red", "bold", … */
  look: readonly string[];
}

const COLOURS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
// CSI …, OSC … BEL or ST, and two-character escapes.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
const SEQUENCE = /\u001b(?:\[([0-9;:?]*)[ -/]*([@-~])|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\^_])/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

export function parseAnsi(text: string): Piece[] {
  if (!text.includes("\u001b")) return piecesOf(text, new Look());
  const pieces: Piece[] = [];
  const look = new Look();
  let from = 0;
  for (const found of text.matchAll(SEQUENCE)) {
    pieces.push(...piecesOf(text.slice(from, found.index), look));
    from = found.index + found[0].length;
    if (found[2] === "m") look.apply(found[1] ?? "");
  }
  return [...pieces, ...piecesOf(text.slice(from), look)];
}

function piecesOf(text: string, look: Look): Piece[] {
  const shown = text.replace(CONTROL, "");
  return shown === "" ? [] : [{ text: shown, look: look.names() }];
}

class Look {
  private colour: string | null = null;
  private readonly styles = new Set<string>();

  names(): string[] {
    return [...(this.colour ? [this.colour] : []), ...this.styles];
  }

  apply(codes: string): void {
    const numbers = codes.split(/[;:]/).map(Number);
    for (let index = 0; index < numbers.length; index += 1) {
      const code = numbers[index] ?? 0;
      // 38 and 48 take more numbers: a palette colour or red, green, blue. They are left out.
      if (code === 38 || code === 48) index += numbers[index + 1] === 5 ? 2 : 4;
      else this.applyOne(code);
    }
  }

  private applyOne(code: number): void {
    if (code === 0) {
      this.colour = null;
      this.styles.clear();
    } else if (code === 1) this.styles.add("bold");
    else if (code === 2) this.styles.add("faint");
    else if (code === 4) this.styles.add("underline");
    else if (code === 22) for (const style of ["bold", "faint"]) this.styles.delete(style);
    else if (code === 24) this.styles.delete("underline");
    else if (code === 39) this.colour = null;
    else if (code >= 30 && code <= 37) this.colour = COLOURS[code - 30] ?? null;
    else if (code >= 90 && code <= 97) this.colour = COLOURS[code - 90] ?? null;
  }
}
