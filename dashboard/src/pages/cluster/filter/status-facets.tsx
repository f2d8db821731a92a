import { fleet } from "../../../lib/fleet";
import { formatCount } from "../../../lib/format";
import { STATUSES, type Status } from "../../../lib/node";
import { useStatuses } from "../../../lib/use-fleet";
import { conditionWord, StatusGlyph } from "../../../ui/status";
import styles from "./status-facets.module.css";

interface StatusFacetsProps {
  chosen: ReadonlySet<Status>;
  onChange(chosen: Set<Status>): void;
}

/** How many nodes are in each status, before anybody clicks. */
export function StatusFacets({ chosen, onChange }: StatusFacetsProps) {
  useStatuses();
  const { totals } = fleet;
  const toggle = (status: Status) => {
    const next = new Set(chosen);
    if (!next.delete(status)) next.add(status);
    onChange(next);
  };
  return (
    <fieldset className={styles.facets} aria-label="Status">
      {STATUSES.map((status) => (
        <button
          key={status}
          type="button"
          className={styles.facet}
          aria-pressed={chosen.has(status)}
          onClick={() => toggle(status)}
        >
          <StatusGlyph condition={status} size={10} />
          {conditionWord(status)} <b className="num">{formatCount(totals.byStatus[status])}</b>
        </button>
      ))}
    </fieldset>
  );
}
