/** A command as one line, and as the list of its words: quotes keep blanks within a word, nothing else is special. */
const PART = /"([^"]*)"|'([^']*)'|([^\s"']+)/y;

/** The words; null when a quote is not closed. */
export function wordsOf(line: string): string[] | null {
  const words: string[] = [];
  let glued = false;
  for (let at = 0; at < line.length; ) {
    if (/\s/.test(line.charAt(at))) {
      glued = false;
      at += 1;
      continue;
    }
    PART.lastIndex = at;
    const found = PART.exec(line);
    if (!found) return null;
    const part = found[1] ?? found[2] ?? found[3] ?? "";
    if (glued) words.push((words.pop() ?? "") + part);
    else words.push(part);
    glued = true;
    at = PART.lastIndex;
  }
  return words;
}

/** The line that gives these words. A word with both kinds of quotes is put together of parts. */
export function lineOf(words: readonly string[]): string {
  return words.map(quoted).join(" ");
}

function quoted(word: string): string {
  if (word !== "" && !/[\s"']/.test(word)) return word;
  if (!word.includes('"')) return `"${word}"`;
  return word
    .split(/("+)/)
    .filter(Boolean)
    .map((part) => (part.startsWith('"') ? `'${part}'` : `"${part}"`))
    .join("");
}
