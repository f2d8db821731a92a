import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "../../lib/api";
import { epochOf } from "../../lib/format";
import type { Knock, Room } from "../../lib/types";
import { Chips } from "../../ui/badge";
import { Button } from "../../ui/button";
import { Since } from "../../ui/time";
import { toast } from "../../ui/toast";
import styles from "./knocks.module.css";
import { ROOM, ROOM_KEY } from "./room";

/** Who waits, the longest first. The code tells the machine apart from one that only claims its name. */
export function Knocks({ knocks }: { knocks: readonly Knock[] }) {
  return (
    <>
      <p className={styles.advice}>Let a machine in only when its own screen shows the same code.</p>
      <ul className={styles.knocks} aria-label="Machines that wait">
        {knocks.map((knock) => (
          <WaitingMachine key={knock.id} knock={knock} />
        ))}
      </ul>
    </>
  );
}

function WaitingMachine({ knock }: { knock: Knock }) {
  const letIn = useAnswer(knock, "POST", "/admit", `${knock.nodeId} is let in; it joins with its next knock`);
  const dismiss = useAnswer(knock, "DELETE", "", `${knock.nodeId} was sent away`);
  const said = knock.name && knock.name !== knock.nodeId ? `calls itself ${knock.name}, ` : "";
  return (
    <li className={styles.knock}>
      <code className={styles.code}>{knock.code}</code>
      <div className={styles.who}>
        <b>{knock.nodeId}</b>
        <span className="dim">
          {said}
          {knock.address}
          {knock.platform && `, ${knock.platform}`}, waits since <Since at={epochOf(knock.firstAt)} suffix="" />
        </span>
        {knock.capabilities.length > 0 && <Chips names={knock.capabilities} most={5} />}
      </div>
      <div className={styles.answers}>
        <Button
          compact
          kind="primary"
          busy={letIn.isPending}
          aria-label={`Let in ${knock.nodeId}`}
          onClick={() => letIn.mutate()}
        >
          Let in
        </Button>
        <Button
          compact
          busy={dismiss.isPending}
          aria-label={`Dismiss ${knock.nodeId}`}
          onClick={() => dismiss.mutate()}
        >
          Dismiss
        </Button>
      </div>
    </li>
  );
}

function useAnswer(knock: Knock, method: "POST" | "DELETE", action: string, done: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => api(`${ROOM}/${knock.id}${action}`, { method }),
    onSuccess: () => {
      toast({ tone: "ok", text: done });
      queries.setQueryData<Room>(ROOM_KEY, (room) => room && without(room, knock));
    },
    onError: (failure) => toast({ tone: "bad", text: `${knock.nodeId}: ${failure.message}` }),
    onSettled: () => queries.invalidateQueries({ queryKey: ROOM_KEY }),
  });
}

function without(room: Room, gone: Knock): Room {
  return { ...room, knocks: room.knocks.filter(({ id }) => id !== gone.id) };
}
