import { ArrowDown, ArrowUp } from "lucide-react";
import type { ReactNode } from "react";
import { classes } from "./classes";
import styles from "./table.module.css";

export interface Column<Row> {
  title: string;
  cell(row: Row): ReactNode;
  /** Figures stand at the right. */
  figure?: boolean;
  /** Left out on a phone. */
  wideOnly?: boolean;
  /** The name of the order by this column; without one it cannot be ordered by. */
  sort?: string;
}

interface TableProps<Row> {
  label: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  rowKey(row: Row): string | number;
  /** The order now: a column's name, with a dash in front for the other direction. */
  sort?: string;
  onSort?(sort: string): void;
}

/** A plain table for lists of up to some hundred rows. */
export function Table<Row>({ label, rows, columns, rowKey, sort = "", onSort }: TableProps<Row>) {
  return (
    <div className={styles.frame}>
      <table className={styles.table} aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.title} scope="col" className={cellClass(column)} aria-sort={direction(column, sort)}>
                {column.sort && onSort ? <SortButton column={column} sort={sort} onSort={onSort} /> : column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((column) => (
                <td key={column.title} className={cellClass(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface SortButtonProps<Row> {
  column: Column<Row>;
  sort: string;
  onSort(sort: string): void;
}

function SortButton<Row>({ column: { title, sort: name = "" }, sort, onSort }: SortButtonProps<Row>) {
  const Arrow = sort === name ? ArrowUp : ArrowDown;
  return (
    <button type="button" className={styles.sort} onClick={() => onSort(sort === name ? `-${name}` : name)}>
      {title}
      {sort.replace("-", "") === name && <Arrow size={12} aria-hidden="true" />}
    </button>
  );
}

function direction<Row>({ sort: name }: Column<Row>, sort: string): "ascending" | "descending" | undefined {
  if (!name || sort.replace("-", "") !== name) return undefined;
  return sort === name ? "ascending" : "descending";
}

function cellClass<Row>({ figure, wideOnly }: Column<Row>): string {
  return classes(figure && styles.figure, wideOnly && styles.wideOnly);
}
