/** How a change of a node's status looks and reads. */
import { CircleCheck, CircleDashed, type LucideIcon, TriangleAlert, Unplug } from "lucide-react";
import type { Tone } from "../../ui/badge";

export interface Look {
  icon: LucideIcon;
  tone: Tone;
  did: string;
}

interface Change {
  from?: string;
  to?: string;
  reason?: string;
}

export function lookOf({ to, from, reason }: Change): Look {
  if (reason === "registered") return { icon: CircleDashed, tone: "info", did: "registered" };
  if (reason === "removed") return { icon: Unplug, tone: "off", did: "was removed" };
  if (reason === "conflict") return { icon: TriangleAlert, tone: "warn", did: "has a second machine under its id" };
  if (reason === "address_changed") return { icon: CircleDashed, tone: "info", did: "moved to another address" };
  if (to === "degraded") return { icon: TriangleAlert, tone: "warn", did: "became degraded" };
  if (to === "offline") return { icon: Unplug, tone: "off", did: "went offline" };
  return { icon: CircleCheck, tone: "ok", did: from === "degraded" ? "recovered" : "came online" };
}

/** The reason as words, when there is no sentence. */
export function reasonOf({ message, reason = "" }: { message?: string; reason?: string }): string {
  return message || reason.replaceAll("_", " ");
}
