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
}

interface TableProps<Row> {
  label: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  rowKey(row: Row): string | number;
}

/** A plain table for lists of up to some hundred rows. */
export function Table<Row>({ label, rows, columns, rowKey }: TableProps<Row>) {
  return (
    <div className={styles.frame}>
      <table className={styles.table} aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.title} scope="col" className={cellClass(column)}>
                {column.title}
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

function cellClass<Row>({ figure, wideOnly }: Column<Row>): string {
  return classes(figure && styles.figure, wideOnly && styles.wideOnly);
}
