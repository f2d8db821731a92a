/** What can be done with agents, in words. */
import type { AgentAction } from "../../../lib/agents";

interface Words {
  /** On a button. */
  verb: string;
  /** While it is being done: "Ada is being moved". */
  being: string;
  /** What follows from it, as a sentence. */
  follows: string;
}

export const ACTIONS: Record<AgentAction, Words> = {
  start: {
    verb: "Start",
    being: "being started",
    follows: "It should run from now on: its node starts it, and again after each end.",
  },
  stop: {
    verb: "Stop",
    being: "being stopped",
    follows: "It ends what it does right now, and stays stopped until somebody starts it.",
  },
  restart: {
    verb: "Restart",
    being: "being restarted",
    follows: "It stops and starts again. What it does right now is interrupted.",
  },
  move: {
    verb: "Move",
    being: "being moved",
    follows: "It stops where it is and starts on the other node as soon as it has surely stopped.",
  },
};
