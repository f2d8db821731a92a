import { Search, X } from "lucide-react";
import type { InputHTMLAttributes, Ref } from "react";
import styles from "./search-box.module.css";

interface SearchBoxProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "onChange" | "value"> {
  label: string;
  value: string;
  onChange(value: string): void;
  /** The key that brings the focus here. */
  shortcut?: string;
  inputRef?: Ref<HTMLInputElement>;
}

/** One line to find something in a list. */
export function SearchBox({ label, value, onChange, shortcut, inputRef, ...rest }: SearchBoxProps) {
  return (
    <div className={styles.box}>
      <Search size={14} aria-hidden="true" />
      <input
        ref={inputRef}
        className={styles.input}
        aria-label={label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        {...rest}
      />
      {value ? (
        <button type="button" className={styles.clear} aria-label="Clear" onClick={() => onChange("")}>
          <X size={14} />
        </button>
      ) : (
        shortcut && <kbd className="wide-only">{shortcut}</kbd>
      )}
    </div>
  );
}
