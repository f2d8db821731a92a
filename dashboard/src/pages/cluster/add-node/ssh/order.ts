/** What a person types about a machine to deploy to, as text, and what is sent of it. */
import type { Bastion, Deploy, HostKey, Job, Retry } from "../../../../lib/types";

export interface Typed {
  host: string;
  port: string;
  user: string;
  name: string;
  nodeId: string;
  nodePort: string;
  way: "key" | "password";
  privateKey: string;
  passphrase: string;
  password: string;
  agents: string;
  capabilities: string;
  runtime: Runtime;
}

/** Where Node.js, PM2 and the agent package come from. */
export type Runtime = NonNullable<Deploy["runtime"]>;

export const RUNTIMES: readonly { value: Runtime; label: string }[] = [
  { value: "auto", label: "Whatever fits" },
  { value: "bundle", label: "Sent from here" },
  { value: "machine", label: "The machine's Node.js" },
  { value: "packages", label: "Its system packages" },
];

export function runtimeOf(text: string | undefined): Runtime {
  return RUNTIMES.find(({ value }) => value === text)?.value ?? "auto";
}

export const FRESH: Typed = {
  host: "",
  port: "22",
  user: "root",
  name: "",
  nodeId: "",
  nodePort: "3101",
  way: "key",
  privateKey: "",
  passphrase: "",
  password: "",
  agents: "",
  capabilities: "",
  runtime: "auto",
};

/** What proves the user, as it is sent. */
export type Login = Pick<Deploy, "privateKey" | "passphrase" | "password">;

export type Faults = Readonly<Record<string, string>>;

/** The same machine again; what proves the user was never kept. */
export function typedFrom({ host, nodeId, target }: Job): Typed {
  return {
    ...FRESH,
    host: host ?? "",
    port: String(target.port ?? 22),
    user: target.user ?? FRESH.user,
    name: target.name ?? "",
    nodeId: nodeId ?? "",
    nodePort: String(target.nodePort ?? FRESH.nodePort),
    agents: (target.agents ?? []).join("\n"),
    capabilities: (target.capabilities ?? []).join(", "),
    runtime: runtimeOf(target.runtime),
  };
}

export function checkMachine({ host, port }: Typed): Faults {
  return {
    ...(host.trim() === "" && { host: "Type the machine's IP address or hostname" }),
    ...(!isPort(port) && { port: NO_PORT }),
  };
}

const NO_PORT = "A number from 1 to 65535";

function isPort(text: string): boolean {
  const number = Number(text);
  return Number.isInteger(number) && number >= 1 && number <= 65535;
}

export function checkOrder(typed: Typed): Faults {
  return { ...checkMachine(typed), ...(!isPort(typed.nodePort) && { nodePort: NO_PORT }), ...checkLogin(typed) };
}

export function checkLogin({ way, privateKey, password }: Typed): Faults {
  return {
    ...(way === "key" && !privateKey && { privateKey: "Paste the private key, or drop its file here" }),
    ...(way === "password" && !password && { password: "Type the user's password" }),
  };
}

/** Words apart by commas, spaces or lines. */
export function words(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}

export function loginOf({ way, privateKey, passphrase, password }: Typed): Login {
  return way === "key" ? { privateKey, passphrase } : { password };
}

export function orderOf(typed: Typed, { fingerprint }: HostKey, bastion?: Bastion): Deploy {
  return {
    host: typed.host.trim(),
    port: Number(typed.port),
    user: typed.user.trim(),
    name: typed.name.trim(),
    nodeId: typed.nodeId.trim(),
    nodePort: Number(typed.nodePort),
    fingerprint,
    agents: words(typed.agents),
    capabilities: words(typed.capabilities),
    runtime: typed.runtime,
    ...loginOf(typed),
    ...(bastion && { bastion }),
  } as Deploy;
}

/** The order is known already; without a fingerprint the key that was confirmed for it is expected. */
export function retryOf(typed: Typed, key: HostKey | null, there: Login | undefined): Retry {
  return { ...loginOf(typed), fingerprint: key?.fingerprint ?? "", ...(there && { bastion: there }) };
}

/** The fault of a field, or of one of the things in it. */
export function faultOf(faults: Faults, name: string): string | undefined {
  return faults[name] ?? Object.entries(faults).find(([field]) => field.startsWith(`${name}.`))?.[1];
}
