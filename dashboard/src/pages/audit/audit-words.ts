/** Entries of the audit log in words. */
import type { AuditEntry } from "../../lib/types";

const ACTIONS: Record<string, string> = {
  "credential.issue": "Make a credential for a URL",
  "credential.renew": "Renew its credential",
  "credential.revoke": "Revoke credentials",
  "host-key.look": "Look at a machine's host key",
  "host-key.pin": "Confirm a machine's host key",
  "job.agent_logs": "Look at the log of an agent",
  "job.agents": "Act on many agents",
  "job.cancel": "Cancel a job",
  "job.deploy": "Deploy over SSH",
  "job.deploy_many": "Deploy to many machines",
  "job.move_agent": "Move an agent",
  "job.ping": "Ping",
  "job.restart_agent": "Restart an agent",
  "job.start_agent": "Start an agent",
  "job.stop_agent": "Stop an agent",
  "job.restart_agents": "Restart agents",
  "job.rollout": "Upgrade many nodes",
  "job.test_connection": "Test a connection",
  "job.uninstall": "Uninstall the daemon",
  "job.upgrade": "Upgrade the daemon",
  "join-token.create": "Make a join token",
  "join-token.revoke": "Revoke a join token",
  "agent.answer": "Answer an agent",
  "agent.dismiss": "Dismiss the question of an agent",
  "brake.put-on": "Pause agents",
  "brake.take-off": "Let paused agents go on",
  "node.cordon": "Cordon a node",
  "node.uncordon": "End the cordon of a node",
  "node.drain": "Drain a node",
  "node.join": "Join",
  "node.register": "Register a node",
  "node.remove": "Remove a node",
  "password.change": "Change the password",
  "secret-key.reseal": "Seal stored secrets anew",
  "session.begin": "Sign in",
  "session.end": "Sign out",
  "session.end-all": "Sign out everywhere",
  "token.create": "Make an API token",
  "token.revoke": "Revoke an API token",
  "totp.off": "Switch the authenticator app off",
  "totp.on": "Switch the authenticator app on",
  "totp.prepare": "Begin to set up an authenticator app",
  "user.create": "Add a user",
  "user.remove": "Delete a user",
  "user.sign-in-link": "Make a sign-in link",
  "user.update": "Change a user",
  "waiting-room.admit": "Let a machine in",
  "waiting-room.close": "Close the waiting room",
  "waiting-room.open": "Open the waiting room",
  "waiting-room.send-away": "Send a machine away",
};
const UUID = /\b([0-9a-f]{8})-[0-9a-f-]{27}\b/g;
const ABOUT_NODES = ["node.", "credential.", "waiting-room."];

/** What was done; an action without words of its own stays as it is. */
export function actionWords(action: string): string {
  return ACTIONS[action] ?? action;
}

/** The node that an entry is about, or null. */
export function nodeOf({ action, target }: Pick<AuditEntry, "action" | "target">): string | null {
  return target && ABOUT_NODES.some((kind) => action.startsWith(kind)) ? target : null;
}

/** What an entry is about; nothing when the action says it already. */
export function targetOf({ action, target }: Pick<AuditEntry, "action" | "target">): string | null {
  return target && !action.endsWith(target) ? shortIds(target) : null;
}

/** The particulars in one line: "name pattern gpu-*, uses 1". */
export function detailWords(detail: AuditEntry["detail"]): string {
  return Object.entries(detail)
    .filter(([, value]) => value !== null && value !== "" && value !== false)
    .map(([name, value]) =>
      name === "reason" ? plain(value) : value === true ? spaced(name) : `${spaced(name)} ${plain(value)}`,
    )
    .join(", ");
}

function spaced(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function plain(value: unknown): string {
  return shortIds(typeof value === "object" ? JSON.stringify(value) : String(value));
}

/** The first eight digits tell long ids apart well enough. */
function shortIds(text: string): string {
  return text.replace(UUID, "$1");
}
