/** The filter language of node lists, `gpu cap:voice cpu:>80 -platform:darwin`: the same as the API's `q`. */
import type { FleetNode } from "./node";

const MAX_LENGTH = 500;
const MAX_TERMS = 40;
const SHOWN = 40;

// Blanks part terms and commas part values, but neither does so between quotes.
const TERM = /(?:[^\s"]|"[^"]*")+/g;
const KEY = /^([^\s:"]+):(.*)$/s;
const VALUE = /(?:[^,"]|"[^"]*")+/g;
const NUMBER = /^([<>]=?)?(\d{1,9}(?:\.\d{1,6})?)$/;

/** What a filter may ask a node for. */
export type Filterable = Pick<
  FleetNode,
  | "id"
  | "name"
  | "host"
  | "status"
  | "platform"
  | "arch"
  | "version"
  | "capabilities"
  | "agents"
  | "labels"
  | "schedulable"
  | "cpu"
  | "mem"
  | "disk"
  | "cpuCount"
  | "memoryMb"
> & { issues: readonly { code: string }[] };

export type NodeTest = (node: Filterable) => boolean;
/** null: the node never reported what was asked, so that neither the term nor its negation matches. */
type Ask = (node: Filterable) => boolean | null;
type Build = (term: string, values: string[]) => Ask;

export interface Term {
  text: string;
  matches: NodeTest;
}

export interface Query {
  terms: Term[];
  matches: NodeTest;
  /** Whether a term reads figures that change with every heartbeat. */
  live: boolean;
}

/** A filter cannot be understood; the message is for people, `term` is the part at fault. */
export class QueryError extends Error {
  constructor(
    message: string,
    readonly term: string,
  ) {
    super(message);
  }
}

export const ALL: NodeTest = () => true;

/** Read a filter. Throws QueryError. */
export function parseQuery(text: string): Query {
  if (text.length > MAX_LENGTH) throw new QueryError(`The filter is longer than ${MAX_LENGTH} characters`, text);
  if (text.split('"').length % 2 === 0) {
    throw new QueryError("The filter has a quote that is never closed", text.slice(text.lastIndexOf('"')));
  }
  const found = text.toLowerCase().match(TERM) ?? [];
  const surplus = found[MAX_TERMS];
  if (surplus !== undefined) throw new QueryError(`The filter has more than ${MAX_TERMS} terms`, surplus);
  const terms = found.map(readTerm);
  return {
    terms,
    matches: terms.length === 0 ? ALL : (node) => terms.every((term) => term.matches(node)),
    live: found.some((term) => LIVE_KEYS.has(keyOf(term))),
  };
}

/** The terms as they were typed, for chips. */
export function splitTerms(text: string): string[] {
  return text.match(TERM) ?? [];
}

function readTerm(text: string): Term {
  const negated = text.startsWith("-") && text.length > 1;
  const ask = readAsk(text, negated ? text.slice(1) : text);
  return {
    text,
    matches: (node) => {
      const answer = ask(node);
      return answer !== null && answer !== negated;
    },
  };
}

function readAsk(term: string, body: string): Ask {
  const typed = KEY.exec(body);
  if (!typed) return freeText(unquoted(body, term));
  const [, key = "", rest = ""] = typed;
  const build = BUILDERS.get(key);
  if (!build) throw fault(term, `has no key that we know ("${shown(key)}"); put text with a colon in quotes`);
  const values = (rest.match(VALUE) ?? []).map((value) => unquoted(value, term));
  if (values.length === 0) throw fault(term, "has no value");
  return build(term, values);
}

function unquoted(raw: string, term: string): string {
  const value = raw.replaceAll('"', "");
  if (!value) throw fault(term, "has an empty value");
  return value;
}

function freeText(word: string): Ask {
  return (node) => [node.name, node.host, node.id].some((field) => field.toLowerCase().includes(word));
}

function prefix(field: (node: Filterable) => string): Build {
  return (_term, values) => (node) => values.some((value) => field(node).toLowerCase().startsWith(value));
}

function substring(field: (node: Filterable) => string): Build {
  return (_term, values) => (node) => values.some((value) => field(node).toLowerCase().includes(value));
}

function member(field: (node: Filterable) => readonly string[]): Build {
  return (_term, values) => (node) => field(node).some((item) => values.includes(item.toLowerCase()));
}

/** `any` and `none` are about having issues at all; everything else begins a code. */
const issue: Build = (_term, values) => {
  const codes = values.filter((value) => value !== "none").map((value) => (value === "any" ? "" : value));
  const none = values.includes("none");
  return (node) =>
    node.issues.some(({ code }) => codes.some((start) => code.toLowerCase().startsWith(start))) ||
    (none && node.issues.length === 0);
};

/** `region=eu,us` is either of the two; `region` alone is any node that has the label. */
const label: Build = (_term, values) => {
  const wanted: { key: string; value: string | null }[] = [];
  for (const text of values) {
    const [key = "", ...rest] = text.split("=");
    const before = wanted.at(-1);
    if (rest.length > 0) wanted.push({ key, value: rest.join("=") });
    else if (before && before.value !== null) wanted.push({ key: before.key, value: text });
    else wanted.push({ key, value: null });
  }
  return (node) => {
    const labels = new Map(Object.entries(node.labels).map(([key, value]) => [key.toLowerCase(), value.toLowerCase()]));
    return wanted.some(({ key, value }) => labels.has(key) && (value === null || labels.get(key) === value));
  };
};

const is: Build = (term, values) => {
  if (values.some((value) => value !== "schedulable" && value !== "cordoned")) {
    throw fault(term, "must be is:schedulable or is:cordoned");
  }
  return (node) => values.includes(node.schedulable ? "schedulable" : "cordoned");
};

function number(field: (node: Filterable) => number | null): Build {
  return (term, values) => {
    const checks = values.map((value) => comparison(term, value));
    return (node) => {
      const value = field(node);
      return value === null ? null : checks.some((check) => check(value));
    };
  };
}

function comparison(term: string, text: string): (value: number) => boolean {
  const found = NUMBER.exec(text);
  if (!found) throw fault(term, "needs a number such as >80, >=80, <20, <=20 or 80 (at least 80)");
  const limit = Number(found[2]);
  switch (found[1]) {
    case ">":
      return (value) => value > limit;
    case "<":
      return (value) => value < limit;
    case "<=":
      return (value) => value <= limit;
    default:
      return (value) => value >= limit;
  }
}

/** 0.29 * 100 falls short of 29. */
function percent(share: number | null): number | null {
  return share === null ? null : Math.round(share * 1e8) / 1e6;
}

function fault(term: string, what: string): QueryError {
  return new QueryError(`The filter term "${shown(term)}" ${what}; the keys are ${KEYS.join(", ")}`, term);
}

function shown(text: string): string {
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}…`;
}

function keyOf(term: string): string {
  return KEY.exec(term.replace(/^-/, ""))?.[1] ?? "";
}

const BUILDERS = new Map<string, Build>([
  ["cap", member((node) => node.capabilities)],
  ["status", prefix((node) => node.status)],
  ["platform", prefix((node) => node.platform)],
  ["arch", prefix((node) => node.arch)],
  ["version", prefix((node) => node.version)],
  ["id", substring((node) => node.id)],
  ["name", substring((node) => node.name)],
  ["host", substring((node) => node.host)],
  ["agent", member((node) => node.agents)],
  ["label", label],
  ["issue", issue],
  ["is", is],
  ["cpu", number((node) => percent(node.cpu))],
  ["mem", number((node) => percent(node.mem))],
  ["disk", number((node) => percent(node.disk))],
  ["cpus", number((node) => node.cpuCount || null)],
  ["memory", number((node) => node.memoryMb || null)],
  ["agents", number((node) => node.agents.length)],
]);

export const KEYS = [...BUILDERS.keys()];
const LIVE_KEYS = new Set(["cpu", "mem", "disk", "issue", "status", "agent", "agents"]);
