import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp } from "lucide-react";
import { memo, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { FleetNode } from "../../../lib/node";
import type { Sort } from "../../../lib/order";
import { ColumnPicker } from "./column-picker";
import { columnOf, type NodeColumn, type NodeColumnKey, tracksOf, useNodeColumns } from "./node-columns";
import { NodeRow } from "./node-row";
import styles from "./node-table.module.css";
import { useSlots } from "./use-slots";

const ROW_HEIGHT = 40;

interface NodeTableProps {
  rows: readonly FleetNode[];
  sort: Sort;
  onSort(sort: Sort): void;
}

const FIXED: readonly Omit<NodeColumn, "cell">[] = [
  { title: "Status", sort: "status" },
  { title: "Node", sort: "name" },
];

/** All rows, of which those near the window are drawn; the page itself scrolls. */
export function NodeTable({ rows, sort, onSort }: NodeTableProps) {
  const [choices] = useNodeColumns();
  const columns = useMemo(() => choices.filter(({ shown }) => shown).map(({ key }) => key), [choices]);
  const body = useRef<HTMLDivElement>(null);
  const top = useTopOf(body);
  const virtualizer = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => ROW_HEIGHT,
    overscan: 8,
    scrollMargin: top,
    useFlushSync: false,
  });
  const drawn = virtualizer.getVirtualItems().flatMap(({ index, start }) => {
    const node = rows[index];
    return node ? { node, index, start } : [];
  });
  const slotOf = useSlots(
    drawn.map(({ node }) => node),
    body,
  );
  return (
    <div className={styles.table} role="table" aria-label="Nodes" aria-rowcount={rows.length + 1}>
      <TableHead columns={columns} sort={sort} onSort={onSort} />
      <div role="rowgroup" ref={body} className={styles.body} style={{ height: virtualizer.getTotalSize() }}>
        {drawn.map(({ node, index, start }) => (
          <NodeRow key={slotOf(node)} node={node} columns={columns} position={index + 2} offset={start - top} />
        ))}
      </div>
    </div>
  );
}

interface TableHeadProps extends Omit<NodeTableProps, "rows"> {
  columns: readonly NodeColumnKey[];
}

const TableHead = memo(function TableHead({ columns, sort, onSort }: TableHeadProps) {
  const [choices, choose] = useNodeColumns();
  return (
    <div role="rowgroup" className={styles.head}>
      <div role="row" className={styles.row} style={{ gridTemplateColumns: tracksOf(columns) }} aria-rowindex={1}>
        {[...FIXED, ...columns.map(columnOf)].map((heading) => (
          <HeadCell key={heading.title} heading={heading} sort={sort} onSort={onSort} />
        ))}
        <div role="columnheader">
          <span className="readers-only">Actions</span>
          <ColumnPicker choices={choices} onChange={choose} />
        </div>
      </div>
    </div>
  );
});

interface HeadCellProps {
  heading: Omit<NodeColumn, "cell">;
  sort: Sort;
  onSort(sort: Sort): void;
}

function HeadCell({ heading: { title, sort: key, className }, sort, onSort }: HeadCellProps) {
  if (!key) {
    return (
      <div role="columnheader" className={className}>
        {title}
      </div>
    );
  }
  const active = sort.key === key;
  return (
    <div
      role="columnheader"
      className={className}
      aria-sort={active ? (isAscending(sort) ? "ascending" : "descending") : undefined}
    >
      <button type="button" className={styles.sort} onClick={() => onSort({ key, reversed: active && !sort.reversed })}>
        {title}
        {active && (isAscending(sort) ? <ArrowUp size={12} /> : <ArrowDown size={12} />)}
      </button>
    </div>
  );
}

/** Names begin at A; all else begins with the worst or the most. */
function isAscending({ key, reversed }: Sort): boolean {
  return (key === "name") !== reversed;
}

/** How far below the top of the page an element begins; it moves when something above it comes or goes. */
function useTopOf(element: React.RefObject<HTMLElement | null>): number {
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const measure = () => setTop(Math.round((element.current?.getBoundingClientRect().top ?? 0) + scrollY));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, [element]);
  return top;
}
