import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link } from "wouter";
import { agentPath } from "../../lib/agents";
import { api } from "../../lib/api";
import { epochOf } from "../../lib/format";
import { useForbidden } from "../../lib/session";
import type { Question } from "../../lib/types";
import { WAITING, WAITING_KEY } from "../../lib/waiting";
import { Button } from "../../ui/button";
import { Field } from "../../ui/field";
import { NodeLink } from "../../ui/node-link";
import { focusHeading } from "../../ui/page";
import { Since } from "../../ui/time";
import { toast } from "../../ui/toast";
import { webAddress } from "../agents/agent/told";
import styles from "./questions.module.css";

const FIELD = "input[data-answer]";

/** Enter sends an answer and goes on to the next question. */
export function Questions({ waiting }: { waiting: readonly Question[] }) {
  return (
    <ul className={styles.questions} aria-label="Questions">
      {waiting.map((one) => (
        <Asked key={one.id} asked={one} />
      ))}
    </ul>
  );
}

function Asked({ asked }: { asked: Question }) {
  const [text, setText] = useState("");
  const forbidden = useForbidden("operator");
  const mute = asked.answerable ? undefined : "Its node has no daemon that could pass an answer on";
  const answer = useReply(asked, "POST", "/answer", "was answered");
  const dismiss = useReply(asked, "DELETE", "", "was taken off the list");
  const link = webAddress(asked.link);
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim()) answer.mutate({ answer: text });
  };
  return (
    <li className={styles.question}>
      <p className={styles.who}>
        <Link href={agentPath(asked.agentId)}>{asked.agentName || asked.agentId}</Link>{" "}
        <span className="dim">
          on <NodeLink id={asked.nodeId} /> waits since <Since at={epochOf(asked.since)} suffix="" />
        </span>
      </p>
      <p className={styles.text}>{asked.question}</p>
      {link && (
        <a href={link} target="_blank" rel="noreferrer noopener" className={styles.link}>
          {link}
        </a>
      )}
      <form onSubmit={send} className={styles.form}>
        <Field
          label={`Answer to ${asked.agentName || asked.agentId}`}
          value={text}
          onChange={setText}
          disabled={forbidden !== undefined || !asked.answerable}
          title={forbidden}
          hint={mute}
          maxLength={4000}
          autoComplete="off"
          data-answer=""
        />
        <Button type="submit" kind="primary" disabled={!text.trim()} title={forbidden} busy={answer.isPending}>
          Answer
        </Button>
        <Button
          disabled={forbidden !== undefined}
          title={forbidden}
          busy={dismiss.isPending}
          onClick={() => dismiss.mutate({})}
        >
          Dismiss
        </Button>
      </form>
    </li>
  );
}

function useReply(asked: Question, method: "POST" | "DELETE", rest: string, done: string) {
  const queries = useQueryClient();
  const name = asked.agentName || asked.agentId;
  return useMutation({
    mutationFn: (body: object) => api(`${WAITING}/${encodeURIComponent(asked.id)}${rest}`, { method, body }),
    onSuccess: async () => {
      toast({ tone: "ok", text: `${name} ${done}` });
      const next = nextField();
      await queries.invalidateQueries({ queryKey: [WAITING_KEY] });
      if (next?.isConnected) next.focus();
      else focusHeading();
    },
    onError: (failure) => toast({ tone: "bad", text: `${name}: ${failure.message}` }),
  });
}

/** The field of the question after the one that has the focus. */
function nextField(): HTMLElement | undefined {
  const fields = [...document.querySelectorAll<HTMLElement>(FIELD)];
  const here = fields.findIndex((field) => field.closest("li")?.contains(document.activeElement));
  return fields[here + 1] ?? fields[here - 1];
}
