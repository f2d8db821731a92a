import { type KeyboardEvent, useId, useMemo, useRef, useState } from "react";
import { fleet } from "../../../lib/fleet";
import { useShortcut } from "../../../lib/shortcuts";
import { useAtClick } from "../../../lib/use-at-click";
import { SearchBox } from "../../../ui/search-box";
import { faultOf } from "../use-cluster-state";
import { type Completion, complete } from "./completion";
import styles from "./filter-box.module.css";

interface FilterBoxProps {
  draft: string;
  onDraft(draft: string): void;
  /** The draft is finished and becomes part of the filter. */
  onCommit(draft: string): void;
  /** Backspace in the empty box: the last part comes back to be changed. */
  onReopen(): void;
}

/** Types a filter, with what may come next below it. */
export function FilterBox({ draft, onDraft, onCommit, onReopen }: FilterBoxProps) {
  const listId = useId();
  const input = useRef<HTMLInputElement>(null);
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState(-1);
  const [fault, setFault] = useState<string | null>(null);
  const atClick = useAtClick();
  const options = useMemo(() => (open ? complete(draft, fleet.nodes.values()) : []), [open, draft]);
  useShortcut("/", "Filter", () => input.current?.focus());

  const edit = (text: string) => {
    setFault(null);
    setChosen(-1);
    setOpen(true);
    onDraft(text);
  };
  const commit = (text: string) => {
    const found = faultOf(text);
    setFault(found);
    if (found !== null || text.trim() === "") return;
    setChosen(-1);
    onCommit(text.trim());
  };
  const take = (option: Completion) => (option.open ? edit(option.draft) : commit(option.draft));
  const onKeyDown = (event: KeyboardEvent) => {
    const option = options[chosen];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      setOpen(true);
      setChosen(step(chosen, event.key === "ArrowDown" ? 1 : -1, options.length));
    } else if (event.key === "Enter") {
      if (option) take(option);
      else commit(draft);
    } else if (event.key === "Tab" && option) take(option);
    else if (event.key === "Escape") leave(event);
    else if (event.key === "Backspace" && draft === "") onReopen();
    else return;
    if (event.key !== "Backspace" && event.key !== "Escape") event.preventDefault();
  };
  const leave = (event: KeyboardEvent) => {
    if (options.length > 0) setOpen(false);
    else if (draft) edit("");
    else input.current?.blur();
    event.stopPropagation();
  };

  return (
    <div className={styles.filter}>
      <SearchBox
        label="Filter nodes"
        placeholder="Filter, e.g. cap:gpu"
        value={draft}
        onChange={edit}
        shortcut="/"
        inputRef={input}
        onKeyDown={onKeyDown}
        onFocus={() => setOpen(true)}
        onBlur={() => {
          setOpen(false);
          atClick(() => commit(draft));
        }}
        role="combobox"
        aria-expanded={options.length > 0}
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={options[chosen] ? `${listId}-${chosen}` : undefined}
        aria-describedby={fault ? `${listId}-fault` : undefined}
      />
      <Options id={listId} options={options} chosen={chosen} onTake={take} />
      {fault && (
        <p id={`${listId}-fault`} role="alert" className={styles.fault}>
          {fault}
        </p>
      )}
    </div>
  );
}

interface OptionsProps {
  id: string;
  options: readonly Completion[];
  chosen: number;
  onTake(option: Completion): void;
}

function Options({ id, options, chosen, onTake }: OptionsProps) {
  return (
    <div
      id={id}
      role="listbox"
      aria-label="What may come next"
      className={styles.options}
      hidden={options.length === 0}
    >
      {options.map((option, index) => (
        // biome-ignore lint/a11y/useFocusableInteractive: aria-activedescendant names the chosen one
        <div
          key={option.shown}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === chosen}
          className={styles.option}
          // Not a click: the box would lose the focus first.
          onPointerDown={(event) => {
            event.preventDefault();
            onTake(option);
          }}
        >
          <code>{option.shown}</code>
          <span className="dim">{option.hint}</span>
        </div>
      ))}
    </div>
  );
}

function step(chosen: number, by: 1 | -1, count: number): number {
  if (count === 0) return -1;
  return chosen < 0 && by < 0 ? count - 1 : (chosen + by + count) % count;
}
