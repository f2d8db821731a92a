import { formatCountOf } from "../../../lib/format";
import { type Blow, sumOf, useImpact, useImpacts } from "../../../lib/impact";
import type { Hit, Impact } from "../../../lib/types";
import { SkeletonLines } from "../../../ui/skeleton";
import styles from "./blast-radius.module.css";

const MOST_NODES = 20;

/** Which agents a step on a node would hit, and what becomes of each. */
export function BlastRadius({ nodeId, action }: { nodeId: string; action: Blow }) {
  const { data, error } = useImpact(nodeId, action);
  return (
    <section aria-label="What it hits" aria-live="polite">
      {data ? <Hits impact={data} /> : error ? <NotKnown error={error} /> : <SkeletonLines lines={2} />}
    </section>
  );
}

function Hits({ impact }: { impact: Impact }) {
  if (impact.hit === 0) return <p>No agent is hit.</p>;
  return (
    <>
      <Sum impacts={[impact]} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keyboard too */}
      <ul className={styles.hits} tabIndex={0} aria-label="Agents that are hit">
        {impact.agents.map((hit) => (
          <li key={hit.agentId} className={styles.hit}>
            <b>{hit.name || hit.agentId}</b> <Fate hit={hit} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Fate({ hit: { goesTo, reason } }: { hit: Hit }) {
  return (
    <span>
      {goesTo && (
        <>
          → <code>{goesTo}</code>{" "}
        </>
      )}
      <span className="dim">{reason}</span>
    </span>
  );
}

/** The same for several nodes, as a sum: each answer is for one node alone. */
export function BlastRadiusOfMany({ nodeIds, action }: { nodeIds: readonly string[]; action: Blow }) {
  const asked = useImpacts(nodeIds.slice(0, MOST_NODES), action);
  const known = asked.flatMap(({ data }) => data ?? []);
  const error = asked.find((one) => one.error)?.error;
  const more = nodeIds.length - Math.min(nodeIds.length, MOST_NODES);
  return (
    <section aria-label="What it hits" aria-live="polite">
      {error && <NotKnown error={error} />}
      {asked.some(({ isPending }) => isPending) ? <SkeletonLines lines={1} /> : <Sum impacts={known} />}
      {more > 0 && <p className="dim">Not counted: {formatCountOf(more, "more node")}.</p>}
    </section>
  );
}

function Sum({ impacts }: { impacts: readonly Impact[] }) {
  const { hit, elsewhere, nowhere } = sumOf(impacts);
  return (
    <p>
      <b>{formatCountOf(hit, "agent is", "agents are")} hit</b>
      {elsewhere > 0 && `, ${elsewhere} ${elsewhere === 1 ? "goes" : "go"} elsewhere`}
      {nowhere > 0 && (
        <>
          , <b className={styles.nowhere}>{nowhere === 1 ? "1 fits nowhere" : `${nowhere} fit nowhere`}</b>
        </>
      )}
      .
    </p>
  );
}

function NotKnown({ error }: { error: Error }) {
  return (
    <p className={styles.nowhere} role="alert">
      What it would hit is not known: {error.message}
    </p>
  );
}
