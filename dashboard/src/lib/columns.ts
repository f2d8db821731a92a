/** Which columns of a table are shown, and in what order, as one line that a browser remembers. */
export interface ColumnChoice<Key extends string> {
  key: Key;
  shown: boolean;
}

/** All of `keys`: in the remembered order, those that it does not name last and shown. */
export function readColumns<Key extends string>(line: string | null, keys: readonly Key[]): ColumnChoice<Key>[] {
  const words = line ? line.split(",") : [];
  const places = new Map(words.map((word, place) => [word.replace("-", ""), place]));
  return [...keys]
    .sort((a, b) => (places.get(a) ?? words.length) - (places.get(b) ?? words.length))
    .map((key) => ({ key, shown: !words.includes(`-${key}`) }));
}

export function writeColumns<Key extends string>(choices: readonly ColumnChoice<Key>[]): string {
  return choices.map(({ key, shown }) => (shown ? key : `-${key}`)).join(",");
}

/** One place earlier or later; at the end it stays. */
export function moveColumn<Key extends string>(
  choices: readonly ColumnChoice<Key>[],
  key: Key,
  by: -1 | 1,
): ColumnChoice<Key>[] {
  const from = choices.findIndex((choice) => choice.key === key);
  const rest = choices.filter((choice) => choice.key !== key);
  return rest.toSpliced(Math.max(from + by, 0), 0, ...choices.filter((choice) => choice.key === key));
}
