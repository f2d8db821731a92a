import type { ReactNode } from "react";
import styles from "./list-bar.module.css";
import { SearchBox } from "./search-box";

interface ListBarProps {
  /** What is searched: "Search users". */
  label: string;
  placeholder?: string;
  text: string;
  onSearch(text: string): void;
  /** At the right: what can be done with the list. */
  children?: ReactNode;
}

/** Above a list: a box to search it, and its actions. */
export function ListBar({ label, placeholder = label, text, onSearch, children }: ListBarProps) {
  return (
    <div className={styles.bar}>
      <div className={styles.search}>
        <SearchBox label={label} placeholder={placeholder} value={text} onChange={onSearch} maxLength={200} />
      </div>
      {children}
    </div>
  );
}
