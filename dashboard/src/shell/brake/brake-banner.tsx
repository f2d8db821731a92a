import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../lib/api";
import { BRAKE, BRAKE_KEY, scopeWords, useBrake } from "../../lib/brake";
import { epochOf, formatCountOf } from "../../lib/format";
import { useForbidden } from "../../lib/session";
import type { Brake } from "../../lib/types";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/confirm";
import { FormFailure } from "../../ui/field";
import { Since } from "../../ui/time";
import styles from "./brake-banner.module.css";

/** On every page while agents are paused: which, by whom, how far it is, and the way back. */
export function BrakeBanner() {
  const brake = useBrake().data;
  return brake?.braked ? <Braked brake={brake} /> : null;
}

function Braked({ brake }: { brake: Brake }) {
  const [asking, setAsking] = useState(false);
  const forbidden = useForbidden("operator");
  const { confirmed, waiting, unreachable, by, at, note } = brake;
  return (
    <section className={styles.banner} aria-label="Brake">
      <p>
        <b>
          {scopeWords(brake)} are paused{note ? `: ${note}.` : "."}
        </b>{" "}
        By {by || "nobody"}
        {at && (
          <>
            , <Since at={epochOf(at)} />
          </>
        )}
        .{" "}
        <span role="status">
          Confirmed by {confirmed.length} of {formatCountOf(confirmed.length + waiting.length, "node")}
        </span>
        {waiting.length > 0 && <span title={waiting.join(", ")}>, waiting for {named(waiting)}</span>}
        {unreachable.length > 0 && (
          <span title={unreachable.join(", ")}>
            ; {formatCountOf(unreachable.length, "node")} without a daemon cannot be told
          </span>
        )}
        .
      </p>
      <Button compact disabled={forbidden !== undefined} title={forbidden} onClick={() => setAsking(true)}>
        Resume…
      </Button>
      {asking && <Resume brake={brake} onClose={() => setAsking(false)} />}
    </section>
  );
}

const NAMED = 3;

function named(nodes: readonly string[]): string {
  const more = nodes.length - NAMED;
  return `${nodes.slice(0, NAMED).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function Resume({ brake, onClose }: { brake: Brake; onClose(): void }) {
  const queries = useQueryClient();
  const resume = useMutation({
    mutationFn: () => api<Brake>(BRAKE, { method: "DELETE" }),
    onSuccess: (released) => {
      queries.setQueryData(BRAKE_KEY, released);
      onClose();
    },
  });
  return (
    <Confirm
      open
      onClose={onClose}
      title="Let the agents go on?"
      action="Resume"
      busy={resume.isPending}
      onConfirm={() => resume.mutate()}
    >
      <p>{scopeWords(brake)} that should run are started again by their nodes, with the next heartbeat of each.</p>
      <FormFailure error={resume.error} />
    </Confirm>
  );
}
