/** What a machine told of itself while it was deployed to, in the words and the order of people. */
import { formatMemory } from "../../lib/format";

type Fact = [name: string, value: string];
type Read = (said: string) => string;

const megabytes: Read = (said) => (Number.isFinite(Number(said)) ? formatMemory(Number(said)) : said);
const oneOf =
  (words: Record<string, string>): Read =>
  (said) =>
    words[said] ?? said;

const NAMED: readonly [key: string, name: string, read?: Read][] = [
  ["hostname", "Host name"],
  ["distro", "System"],
  ["os", "Kernel"],
  ["arch", "Architecture"],
  ["libc", "C library"],
  ["memory_mb", "Memory", megabytes],
  ["free_mb", "Free disk", megabytes],
  ["user", "User"],
  ["sudo", "sudo", oneOf({ root: "not needed", none: "not there", yes: "allowed", password: "wants a password" })],
  ["python_version", "Python"],
  ["node_version", "Node.js"],
  ["npm_version", "npm"],
  ["packages", "Package manager"],
  ["port", "Node's port", oneOf({ busy: "in use" })],
  ["reach", "Reaches the control plane"],
  ["boot", "Started at boot by", oneOf({ none: "nothing" })],
  ["boot_note", "At boot"],
];
const PROGRAMS = ["python3", "node", "npm", "pm2", "tar", "gzip", "curl", "setsid", "systemctl", "crontab"];
/** For us only: the end of the list, what was there already, and what other facts say better. */
const UNTOLD = new Set([
  ...["done", "sent", "home", "uid", "clock", "restarted", "python_whole", "systemd_user"],
  ...["daemon", "runtime", "runtimes", "node_id"],
]);

/** Names and values; what nobody gave a name comes last, by its own. */
export function machineFacts(said: unknown): Fact[] {
  if (typeof said !== "object" || said === null) return [];
  const left = new Map(Object.entries(said).map(([key, value]) => [key, String(value)]));
  const take = (key: string) => {
    const value = left.get(key);
    left.delete(key);
    return value;
  };
  if (left.has("node_id")) left.delete("port"); // a node of ours is there, and its daemon holds the port
  const named = NAMED.flatMap(([key, name, read = String]): Fact[] => {
    const value = take(key);
    return value === undefined ? [] : [[name, read(value)]];
  });
  const programs = PROGRAMS.map((program) => [program, take(program)] as const);
  const listed = (wanted: string) =>
    programs.flatMap(([program, value]) => (value === wanted ? [program] : [])).join(", ");
  const found: Fact[] = [
    ["Programs", listed("yes")],
    ["Not there", listed("no")],
  ];
  const others = [...left].filter(([key]) => !UNTOLD.has(key));
  return [
    ...named,
    ...found.filter(([, value]) => value),
    ...others.map(([key, value]): Fact => [key.replaceAll("_", " "), value]),
  ];
}
