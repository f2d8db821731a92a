/* Written by dashboard/generate_types.py from the OpenAPI document; `make types` writes it again. */

export interface ActionAnswer {
  ok?: boolean;
  success?: boolean;
  message?: string;
  error?: string;
  code?: string;
  latencyMs?: number;
  version?: string;
  agentId?: string;
  jobId?: string;
}

export interface ActionOn {
  /** Where to, for a move; left out: the best node. */
  nodeId?: string | null;
  /** How long it waits for a node that is away. */
  expiresInMinutes?: number;
}

export interface Activity {
  status?: "idle" | "online" | "offline" | "error";
  activeSessions?: number;
  clockedIn?: boolean;
  currentActivity?: unknown;
}

export interface Actor {
  kind: "user" | "token" | "node" | "system" | "nobody";
  id: string;
  name: string;
}

export interface Address {
  host: string;
  port: number;
}

export interface Admitted {
  admitted: boolean;
}

export interface Agent {
  agentId: string;
  name: string;
  role?: string | null;
  /** running, starting, stopped, paused, crash_looping; unknown: its node is offline; missing: its node should run it and does not report it; unplaced: it has no node. */
  state?: string;
  /** What was reported last. */
  lastState?: string;
  /** Empty: placed nowhere. */
  nodeId: string;
  nodeName: string;
  nodeStatus: string;
  cpuUsage?: number | null;
  memoryMb?: number | null;
  restarts?: number | null;
  startedAt?: string | null;
  /** What the agent says of itself. */
  status?: string | null;
  currentActivity?: string | null;
  exit?: Exit | null;
  /** What it asks a human: question, link, since. */
  waiting?: Record<string, unknown> | null;
  /** The last step forward: text, percent, at. */
  progress?: Record<string, unknown> | null;
  /** Somebody registered or adopted it. */
  managed: boolean;
  wanted?: "running" | "stopped" | null;
  /** Goes up with every change of its node. */
  epoch?: number | null;
  needs?: NeedsOf | null;
  tags: string[];
  onNodeLoss?: "stay" | "stop" | "move" | null;
  movingTo?: string | null;
}

export interface AgentDetails {
  agentId: string;
  name: string;
  role?: string | null;
  state?: string;
  cpuUsage?: number | null;
  memoryMb?: number | null;
  restarts?: number;
  startedAt?: string | null;
  pid?: number | null;
  /** What the agent itself said last. */
  status?: string;
  activeSessions?: number;
  clockedIn?: boolean;
  currentActivity?: string | null;
}

export interface AgentEvent {
  id: number;
  at: string;
  kind: string;
  nodeId: string | null;
  message: string;
}

export interface AgentPart {
  agentId: string;
  jobId: string;
}

export interface AgentRow {
  agentId: string;
  name: string;
  role: string | null;
  origin: "registered" | "adopted";
  command: string[] | null;
  envNames: string[];
  needs: NeedsOf;
  tags: string[];
  onNodeLoss: "stay" | "stop" | "move";
  leaseSeconds: number;
  mayOverlap: boolean;
  memoryWarnMb: number | null;
  memoryLimitMb: number | null;
  wanted: "running" | "stopped";
  nodeId: string | null;
  movingTo: string | null;
  /** Goes up with every change of its node. */
  epoch: number;
  placedAt: string | null;
  changedAt: string;
  createdAt: string;
  createdBy: string;
}

export interface AgentWithHistory {
  agentId: string;
  managed: boolean;
  agent: AgentRow | null;
  seen: SeenAgent[];
  history: AgentEvent[];
}

export interface Agents {
  agents: Agent[];
  /** How many agents match the filter, over all pages. */
  matched?: number;
  nextCursor?: string | null;
}

export interface Alive {
  status: string;
  version: string;
  build: string;
}

export interface Answer {
  answer: string;
}

export interface Asked {
  jobId: string;
}

export interface Assignment {
  agentId: string;
  name: string;
  role: string | null;
  /** Null: the node's own command. */
  command: string[] | null;
  /** The values are null for everybody but the node. */
  env: Record<string, string | null>;
  /** running, stopped, or paused. */
  wanted: string;
  epoch: number;
  onNodeLoss: string;
  leaseSeconds: number;
  memoryWarnMb: number | null;
  memoryLimitMb: number | null;
}

export interface Assignments {
  revision: number;
  /** false, or since when and by whom all is paused. */
  paused: unknown;
  agents: Assignment[];
  /** `all`, or a list of ids. */
  pausedAgents: unknown;
}

export interface AuditEntry {
  id: number;
  at: string;
  actor: Actor;
  address: string;
  action: string;
  target: string;
  result: "done" | "refused" | "failed";
  detail: Record<string, unknown>;
  requestId: string;
}

export interface AuditLog {
  entries: AuditEntry[];
  nextBefore?: number | null;
}

export interface Bastion {
  privateKey?: string;
  passphrase?: string;
  password?: string;
  host: string;
  port?: number;
  user?: string;
  fingerprint: string;
}

export interface Beat {
  ok: boolean;
  lastTick?: string | null;
  agoSeconds?: number | null;
}

export interface Beats {
  perSecond?: number;
  /** Mean of a group commit. */
  batchSize?: number | null;
  /** Mean wait for the commit. */
  lagMs?: number | null;
}

export interface BestNode {
  nodeId: string;
  name: string;
  host: string;
  port: number;
  url: string;
  platform: string;
  arch: string;
  cpuCount: number;
  memoryMb: number;
  version: string;
  agents: string[];
  capabilities: string[];
  status: "online" | "degraded" | "offline";
  registeredAt: string;
  /** ISO 8601 in UTC; empty for a node that was never seen. */
  lastHeartbeat: string;
  metadata: Record<string, unknown>;
  statusReason: string;
  seen: boolean;
  issues: Issue[];
  diskUsage: number | null;
  loadAverage: number[] | null;
  labels: Record<string, string>;
  schedulable: boolean;
  cordon: Cordon | null;
  managed: boolean;
  score: number;
  others: Other[];
}

export interface Brake {
  braked: boolean;
  /** "all" or {"tag": "…"} */
  scope: unknown;
  note: string;
  by: string | null;
  at: string | null;
  /** Nodes that have done it */
  confirmed: string[];
  /** Nodes that have not yet */
  waiting: string[];
  /** Nodes without a daemon that could be told */
  unreachable: string[];
}

export interface Bundle {
  nodeId?: string;
  name?: string;
  /** How the control plane reaches the node; left out: not at all, which is enough */
  workerHost?: string;
  nodePort?: number;
  capabilities?: string[];
  agents?: unknown[];
  /** Take the place of the node with this id */
  replace?: boolean;
  expiresInMinutes?: number;
  /** Needed when agents run from the package of this deployment */
  platform?: "x64" | "arm64" | null;
  /** Without: nothing in it is secret, and the machine joins with a token of its own */
  withToken?: boolean;
}

export interface Cancel {
  ok?: boolean;
}

export interface Celery {
  ok: boolean;
  /** How many were heard of lately. */
  workers?: number;
  lastTaskAt?: string | null;
  processes?: CeleryWorker[];
}

export interface CeleryWorker {
  workerId?: string;
  /** Heard of lately. */
  ok?: boolean;
  startedAt?: string;
  seenAt?: string;
  lastTaskAt?: string | null;
}

export interface ChangeAgent {
  name?: string;
  role?: string | null;
  /** Null: AGENT_COMMAND. */
  command?: string[] | null;
  /** Kept sealed; later only the names are shown. */
  env?: Record<string, string>;
  needs?: Needs;
  tags?: string[];
  onNodeLoss?: "stay" | "stop" | "move";
  leaseSeconds?: number;
  /** Whether two copies at once do no harm. */
  mayOverlap?: boolean;
  memoryWarnMb?: number | null;
  memoryLimitMb?: number | null;
}

export interface Check {
  ok: boolean;
  detail: string | null;
}

export interface Code {
  code: string;
}

export interface ControlPlaneHealth {
  missing: string[];
  database: Neighbour;
  redis: Neighbour;
  celery: Celery;
  beat: Beat;
  streams: Streams;
  heartbeats: Beats;
  processes: WebProcess[];
  version: string;
  build: string;
  schema: string;
}

export interface Cordon {
  note: string;
  /** When it ends by itself. */
  until: string | null;
  by: string;
  since: string;
}

export interface Credential {
  id: string;
  kind: string;
  capabilities?: string[] | null;
  createdAt: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
  revokedAt: string | null;
  revokedBecause?: string | null;
  secret?: string;
  enterpriseUrl?: string;
}

export interface CredentialList {
  credentials: Credential[];
}

export interface DaemonProgram {
  version: string;
  /** A node with another `metadata.build` is older */
  sha256: string;
  /** Bytes */
  size: number;
}

export interface Deploy {
  privateKey?: string;
  passphrase?: string;
  password?: string;
  host?: string;
  port?: number;
  user?: string;
  fingerprint?: string;
  bastion?: Bastion | null;
  nodeId?: string;
  name?: string;
  workerHost?: string;
  nodePort?: number;
  capabilities?: string[];
  agents?: unknown[];
  /** Where Node.js, PM2 and the agent package come from. `bundle`: sent along. `machine`: by npm, with the machine's own Node.js. `packages`: the same, after its package manager brought Node.js. `auto`: `bundle` where there is one, else `machine` */
  runtime?: "auto" | "bundle" | "machine" | "packages";
  /** Each with the keys of one machine; what it leaves out is taken from beside the list */
  hosts?: Record<string, unknown>[];
  /** The same as CSV: a heading of such keys, or host, port, user, name, agents without */
  csv?: string;
  /** Confirmed host keys by `host:port`; one that was confirmed before need not be named */
  fingerprints?: Record<string, string>;
}

export interface DeployAnswer {
  message: string;
  jobId: string;
  /** Of one machine */
  nodeId?: string;
  /** Of many machines */
  jobs?: Deployed[];
}

export interface Deployed {
  host: string;
  nodeId: string;
  jobId: string;
}

export interface Ended {
  ended: number;
}

export interface Error {
  /** One sentence a person can act on. */
  error: string;
  /** Stable; for programs. */
  code: string;
  /** Stands beside the cause in the log. */
  requestId: string;
  /** What is wrong with which field. */
  fields?: Record<string, unknown>;
  /** Why no node can take the agent. */
  reason?: string;
  /** The same, node by node. */
  reasons?: NodeReason[];
  /** The job that is in the way. */
  jobId?: string;
  /** Of the host key that the machine showed. */
  fingerprint?: string;
  /** The code of this refusal in the list of refusals. */
  refusal?: string;
  /** Why a machine may not join. */
  cause?: string;
  /** It waits for somebody to let it in: asking again may succeed. */
  waitingRoom?: boolean;
  /** What to do about it. */
  advice?: string;
}

export interface Event {
  id?: number;
  at?: string;
  from?: string;
  to?: string;
  reason?: string;
  message?: string;
  agents?: string[];
  nodeId?: string;
  /** Its id, when it was removed. */
  nodeName?: string;
}

export interface Events {
  events: Event[];
  nextBefore?: number | null;
}

export interface Exit {
  code: number | null;
  at: string | null;
}

export interface FleetMetrics {
  step: number;
  from: number;
  to: number;
  /** Epoch seconds. */
  at: number[];
  /** One per time; null is a gap. */
  cpu?: (number | null)[];
  /** One per time; null is a gap. */
  memory?: (number | null)[];
  /** One per time; null is a gap. */
  disk?: (number | null)[];
  /** One per time; null is a gap. */
  load?: (number | null)[];
  /** How many nodes reported. */
  nodes?: (number | null)[];
}

export interface Heartbeat {
  /** node: `agents` is the whole list. agent: this agent reports itself. */
  scope?: "node" | "agent";
  agents?: string[];
  cpuUsage?: number;
  memoryUsage?: number;
  diskUsage?: number;
  loadAverage?: number[];
  /** The node's own wall clock. */
  clock?: string;
  /** Version of the daemon. */
  version?: string;
  machineId?: string;
  /** Made at each start of the daemon. */
  bootId?: string;
  /** Counts up from 1 since that start. */
  beatNumber?: number;
  /** The revision of its assignments that the node carries out. */
  assignments?: number;
  agentDetails?: Record<string, unknown>[];
  issues?: Record<string, unknown>[];
  commandResults?: Record<string, unknown>[];
}

export interface HeartbeatAnswer {
  ok: boolean;
  heartbeatIntervalMs: number;
  commands?: Record<string, unknown>[];
  /** Time to renew the node's credential. */
  renew?: boolean;
  /** The newest revision, when it is another one: fetch it. */
  assignments?: number;
  /** It came late and changed nothing; the next one will. */
  ignored?: boolean;
}

export interface Hit {
  agentId: string;
  name: string;
  /** The node that it would run on afterwards */
  goesTo: string | null;
  /** What happens to it, in words after its name */
  reason: string;
}

export interface HostKey {
  /** As `ssh-keygen -lf` prints it. */
  fingerprint: string;
  /** It is the one that was confirmed before. */
  known: boolean;
  /** Another one was confirmed before. */
  changed: boolean;
}

export interface HostKeyQuery {
  host: string;
  port?: number;
  privateKey?: string;
  passphrase?: string;
  password?: string;
  bastion?: Bastion | null;
}

export interface HostKeySeen {
  /** As `ssh-keygen -lf` prints it. */
  fingerprint: string;
  /** It is the one that was confirmed before. */
  known: boolean;
  /** Another one was confirmed before. */
  changed: boolean;
  host: string;
  port: number;
  /** Why there is no fingerprint */
  error?: string;
  code?: string;
  advice?: string;
}

export interface HostKeys {
  keys: HostKeySeen[];
}

export interface HostKeysQuery {
  privateKey?: string;
  passphrase?: string;
  password?: string;
  hosts: SshAddress[];
  bastion?: Bastion | null;
}

export interface Impact {
  agents: Hit[];
  hit: number;
  /** How many should go elsewhere and no node can take */
  fitNowhere: number;
}

export interface Issue {
  code: string;
  message: string;
  since: string;
}

export interface Job {
  id: string;
  kind: "test_connection" | "ping" | "restart_agents" | "deploy" | "upgrade" | "rollout" | "uninstall" | "deploy_many" | "start_agent" | "stop_agent" | "restart_agent" | "move_agent" | "agent_logs" | "drain" | "agents";
  state: "queued" | "running" | "succeeded" | "failed" | "cancelled";
  nodeId: string | null;
  agentId: string | null;
  host: string | null;
  /** What a job that stands for many is about */
  about: string | null;
  target: Target;
  askedBy: string;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  cancelAsked: boolean;
  code: string | null;
  message: string | null;
  advice: string;
  result: Record<string, unknown>;
  parentId: string | null;
  attempt: number;
  logLines: number;
  logDropped: number;
  steps: Step[];
  /** Only of a job that stands for many */
  parts: PartCounts | null;
  children: Part[];
}

export interface JobList {
  jobs: Job[];
  nextBefore: string | null;
}

export interface Join {
  nodeId: string;
  joinToken?: string;
  secretHash: string;
  machineId?: string | null;
  capabilities?: string[];
  name?: string;
  platform?: string;
}

export interface JoinToken {
  id: string;
  note: string;
  namePattern: string;
  replace: boolean;
  capabilities: string[] | null;
  uses: number;
  usesLeft: number;
  createdBy: string;
  createdAt: string;
  expiresAt: string;
  revokedAt: string | null;
  nodes: string[];
  secret?: string;
  command?: string;
}

export interface JoinTokenList {
  joinTokens: JoinToken[];
}

export interface Joined {
  nodeId: string;
  credentialId: string;
  expiresAt: string | null;
}

export interface JumpHost {
  host: string;
  port: number;
  user: string;
  fingerprint: string;
}

export interface Knock {
  id: string;
  nodeId: string;
  name: string;
  address: string;
  platform: string;
  capabilities: string[];
  firstAt: string;
  lastAt: string;
  code: string;
}

export interface LeftOut {
  agentId: string;
  reason: string;
}

export interface Link {
  token: string;
}

export interface Log {
  lines: LogLine[];
  /** The number of the newest line there is. */
  last: number;
  /** How many lines there are, or were found, in all of the log. */
  matched: number;
}

export interface LogLine {
  number: number;
  at: string;
  step: string;
  text: string;
}

export interface LogLines {
  commandId: string;
  /** How many lines were sent before these. */
  from: number;
  lines: string[];
}

export interface LogWish {
  lines?: number;
  /** Go on for up to ten minutes. */
  follow?: boolean;
}

export interface Login {
  privateKey?: string;
  passphrase?: string;
  password?: string;
}

export interface MachineList {
  machines: MachineView[];
}

export interface MachineView {
  /** Counted from 1 */
  row: number;
  host: string;
  port: string;
  user: string;
  name: string;
  nodeId: string;
  agents: string[];
  capabilities: string[];
  /** Named, or confirmed before; empty if neither */
  fingerprint: string;
  /** The row, or what stands beside the list, has one */
  login: boolean;
  faults: Record<string, string>;
}

export interface Many {
  action: "start" | "stop" | "restart" | "move";
  agentIds?: string[] | null;
  nodeId?: string | null;
  q?: string | null;
  expiresInMinutes?: number;
}

export interface Metrics {
  step: number;
  from: number;
  to: number;
  /** Epoch seconds. */
  at: number[];
  /** One per time; null is a gap. */
  cpu?: (number | null)[];
  /** One per time; null is a gap. */
  memory?: (number | null)[];
  /** One per time; null is a gap. */
  disk?: (number | null)[];
  /** One per time; null is a gap. */
  load?: (number | null)[];
}

export interface Needs {
  capabilities?: string[];
  memoryMb?: number;
  /** Cores; 0: any. */
  cpuWeight?: number;
  labels?: Record<string, string>;
}

export interface NeedsOf {
  capabilities: string[];
  memoryMb: number;
  cpuWeight: number;
  labels: Record<string, string>;
}

export interface Neighbour {
  ok: boolean;
  /** Time of one question and its answer. */
  ms?: number | null;
  version?: string | null;
}

export interface NewAgent {
  name?: string;
  role?: string | null;
  /** Null: AGENT_COMMAND. */
  command?: string[] | null;
  /** Kept sealed; later only the names are shown. */
  env?: Record<string, string>;
  needs?: Needs;
  tags?: string[];
  onNodeLoss?: "stay" | "stop" | "move";
  leaseSeconds?: number;
  /** Whether two copies at once do no harm. */
  mayOverlap?: boolean;
  memoryWarnMb?: number | null;
  memoryLimitMb?: number | null;
  agentId: string;
  wanted?: "running" | "stopped";
  /** Left out: the best node. */
  nodeId?: string | null;
}

export interface NewBrake {
  /** "all", or {"tag": "…"}: the agents with this tag */
  scope: unknown;
  note?: string;
}

export interface NewCordon {
  note?: string;
  /** Left out: until somebody ends it */
  until?: string | null;
}

export interface NewCredential {
  kind?: "url";
}

export interface NewDrain {
  /** What was not moved by then stays where it is. */
  deadlineSeconds?: number;
  note?: string;
}

export interface NewJoinToken {
  namePattern?: string;
  capabilities?: string[] | null;
  uses?: number;
  expiresInMinutes?: number;
  note?: string;
  /** It may take the place of the one node that namePattern names. */
  replace?: boolean;
}

export interface NewPassword {
  current?: string;
  new: string;
}

export interface NewToken {
  name: string;
  role: "viewer" | "operator" | "admin";
  expiresInDays: number;
}

export interface NewUser {
  name: string;
  role: "viewer" | "operator" | "admin";
}

export interface Node {
  nodeId: string;
  name: string;
  host: string;
  port: number;
  url: string;
  platform: string;
  arch: string;
  cpuCount: number;
  memoryMb: number;
  version: string;
  agents: string[];
  capabilities: string[];
  status: "online" | "degraded" | "offline";
  registeredAt: string;
  /** ISO 8601 in UTC; empty for a node that was never seen. */
  lastHeartbeat: string;
  metadata: Record<string, unknown>;
  statusReason: string;
  seen: boolean;
  issues: Issue[];
  diskUsage: number | null;
  loadAverage: number[] | null;
  labels: Record<string, string>;
  schedulable: boolean;
  cordon: Cordon | null;
  managed: boolean;
}

export interface NodeDetails {
  nodeId: string;
  name: string;
  host: string;
  port: number;
  url: string;
  platform: string;
  arch: string;
  cpuCount: number;
  memoryMb: number;
  version: string;
  agents: string[];
  capabilities: string[];
  status: "online" | "degraded" | "offline";
  registeredAt: string;
  /** ISO 8601 in UTC; empty for a node that was never seen. */
  lastHeartbeat: string;
  metadata: Record<string, unknown>;
  statusReason: string;
  seen: boolean;
  issues: Issue[];
  diskUsage: number | null;
  loadAverage: number[] | null;
  labels: Record<string, string>;
  schedulable: boolean;
  cordon: Cordon | null;
  managed: boolean;
  agentDetails: AgentDetails[];
}

export interface NodeList {
  nodes: Node[];
  stats: Stats;
  /** How many nodes match the filter, over all pages. */
  matched?: number;
  nextCursor?: string | null;
  notices?: Notice[];
}

export interface NodeReason {
  nodeId: string;
  /** Words that follow the node's name. */
  reason: string;
}

export interface Notice {
  code?: string;
  message?: string;
  since?: string;
}

export interface Ok {
  ok?: boolean;
}

export interface OpenRoom {
  openForMinutes: number;
}

export interface Other {
  nodeId: string;
  reason: string;
  /** Left out when it cannot take the agent. */
  score?: number;
}

export interface PaginationMetadata {
  /** Total number of items. */
  total?: number;
  /** Total number of pages. */
  total_pages?: number;
  /** First available page number. */
  first_page?: number;
  /** Last available page number. */
  last_page?: number;
  /** Current page number. */
  page?: number;
  /** Previous page number. */
  previous_page?: number;
  /** Next page number. */
  next_page?: number;
}

export interface Part {
  id: string;
  nodeId: string | null;
  agentId: string | null;
  host: string | null;
  target: Target;
  state: "queued" | "running" | "succeeded" | "failed" | "cancelled";
  code: string | null;
  message: string | null;
  advice: string;
  startedAt: string | null;
  finishedAt: string | null;
  /** The title of the step that runs or failed */
  step: string;
  stepsOver: number;
  steps: number;
}

export interface PartCounts {
  total: number;
  queued: number;
  running: number;
  succeeded: number;
  failed: number;
  cancelled: number;
}

export interface Person {
  id: string;
  name: string;
  role: "viewer" | "operator" | "admin";
  hasPassword: boolean;
  totp: boolean;
}

export interface PlacedAgent {
  agentId: string;
  name: string;
  role: string | null;
  origin: "registered" | "adopted";
  command: string[] | null;
  envNames: string[];
  needs: NeedsOf;
  tags: string[];
  onNodeLoss: "stay" | "stop" | "move";
  leaseSeconds: number;
  mayOverlap: boolean;
  memoryWarnMb: number | null;
  memoryLimitMb: number | null;
  wanted: "running" | "stopped";
  nodeId: string | null;
  movingTo: string | null;
  /** Goes up with every change of its node. */
  epoch: number;
  placedAt: string | null;
  changedAt: string;
  createdAt: string;
  createdBy: string;
  placement: PlacementOfAgent;
}

export interface PlacementOfAgent {
  score: number;
  others: Other[];
  nodeId: string;
}

export interface Question {
  id: string;
  agentId: string;
  agentName: string;
  nodeId: string;
  question: string;
  link: string | null;
  since: string;
  /** A daemon can pass an answer on */
  answerable: boolean;
}

export interface Ready {
  ready: boolean;
  missing: string[];
  checks: Record<string, Check>;
}

export interface Refusal {
  code: string;
  cause: string;
  sentence: string;
  nodeId: string;
  address: string;
  first: string;
  last: string;
  count: number;
  knock: boolean;
}

export interface RefusalList {
  refusals: Refusal[];
}

export interface Registration {
  nodeId: string;
  host: string;
  port: number;
  name?: string | null;
  platform?: string | null;
  arch?: string | null;
  cpuCount?: number | null;
  memoryMb?: number | null;
  version?: string | null;
  agents?: string[] | null;
  capabilities?: string[] | null;
  metadata?: Record<string, unknown> | null;
  labels?: Record<string, string> | null;
  /** A Muster daemon runs there. */
  managed?: boolean;
  /** Typed by a person: the machine has not been heard yet. */
  manual?: boolean;
  machineId?: string | null;
  bootId?: string | null;
  previousBootIds?: string[] | null;
}

export interface Removed {
  removed?: boolean;
}

export interface Renew {
  secretHash: string;
}

export interface Retry {
  privateKey?: string;
  passphrase?: string;
  password?: string;
  fingerprint?: string;
  /** Confirmed host keys by `host:port`; one that was confirmed before need not be named */
  fingerprints?: Record<string, string>;
  /** The login of the jump host, if it has one of its own */
  bastion?: Login | null;
}

export interface Revoked {
  revoked: boolean;
}

export interface RevokedCredentials {
  revoked: number;
}

export interface Rollout {
  /** Node ids; left out: every node that can be upgraded */
  nodes?: string[] | null;
  /** How many go first */
  canary?: number;
  /** How long the first ones are watched before the others follow */
  watchSeconds?: number;
  atOnce?: number;
}

export interface RolloutAnswer {
  jobId: string;
  nodes: string[];
  leftOut: Record<string, string>;
}

export interface Room {
  open: boolean;
  until: string | null;
  knocks: Knock[];
}

export interface SeenAgent {
  agentId: string;
  name: string;
  role?: string | null;
  /** running, starting, stopped, paused, crash_looping; unknown: its node is offline; missing: its node should run it and does not report it; unplaced: it has no node. */
  state?: string;
  /** What was reported last. */
  lastState?: string;
  /** Empty: placed nowhere. */
  nodeId: string;
  nodeName: string;
  nodeStatus: string;
  cpuUsage?: number | null;
  memoryMb?: number | null;
  restarts?: number | null;
  startedAt?: string | null;
  /** What the agent says of itself. */
  status?: string | null;
  currentActivity?: string | null;
  exit?: Exit | null;
  /** What it asks a human: question, link, since. */
  waiting?: Record<string, unknown> | null;
  /** The last step forward: text, percent, at. */
  progress?: Record<string, unknown> | null;
  /** Somebody registered or adopted it. */
  managed: boolean;
  wanted?: "running" | "stopped" | null;
  epoch?: number;
  needs?: NeedsOf | null;
  tags: string[];
  onNodeLoss?: "stay" | "stop" | "move" | null;
  movingTo?: string | null;
  pid?: number | null;
  /** Of its last end. */
  exitCode?: number;
  exitedAt?: string;
}

export interface Session {
  signedIn: boolean;
  auth: "on" | "off";
  user?: Person;
  /** Send it as X-CSRF-Token with every change. */
  csrfToken?: string;
}

export interface Setup {
  nodeId?: string;
  name?: string;
  /** How the control plane reaches the node; left out: not at all, which is enough */
  workerHost?: string;
  nodePort?: number;
  capabilities?: string[];
  agents?: unknown[];
  /** Where Node.js, PM2 and the agent package come from. `bundle`: sent along. `machine`: by npm, with the machine's own Node.js. `packages`: the same, after its package manager brought Node.js. `auto`: `bundle` where there is one, else `machine` */
  runtime?: "auto" | "bundle" | "machine" | "packages";
  /** Take the place of the node with this id */
  replace?: boolean;
  expiresInMinutes?: number;
}

export interface SetupMade {
  nodeId: string;
  /** Its job, once the script has begun */
  jobId: string;
  joinTokenId: string;
  command: string;
  script: string;
  expiresAt: string;
}

export interface SignIn {
  name: string;
  password: string;
  code?: string;
}

export interface SignInLink {
  signInLink: string;
  expiresAt: string;
}

export interface SignedOut {
  signedIn: boolean;
}

export interface SshAddress {
  host: string;
  port?: number;
}

export interface State {
  state?: "waiting" | "working" | null;
  /** Of an agent that waits */
  question?: string | null;
  /** http or https */
  link?: string | null;
  progress?: string | null;
  percent?: number | null;
}

export interface Stats {
  totalNodes?: number;
  onlineNodes?: number;
  degradedNodes?: number;
  offlineNodes?: number;
  totalAgents?: number;
  totalCpus?: number;
  totalMemoryMb?: number;
}

export interface Step {
  name: string;
  title: string;
  state: "waiting" | "running" | "succeeded" | "failed" | "skipped";
  message: string;
  startedAt: string | null;
  finishedAt: string | null;
}

export interface Streams {
  clients?: number;
  processes?: StreamsProcess[];
}

export interface StreamsProcess {
  processId?: string;
  clients?: number;
}

export interface Taken {
  stop: boolean;
}

export interface TakenOn {
  message: string;
  nodeId: string;
  jobId: string;
}

export interface Target {
  port?: number;
  user?: string;
  name?: string;
  fingerprint?: string;
  workerHost?: string;
  nodePort?: number;
  capabilities?: string[];
  /** The daemon's, of an upgrade */
  version?: string;
  /** `script`: a person ran it on the machine */
  origin?: string;
  /** What is done with several agents */
  action?: string;
  /** Where an agent moves from */
  from?: string | null;
  /** Where it moves to */
  to?: string;
  /** Their ids */
  agents?: string[];
  bastion?: JumpHost | null;
  /** Where the runtime of a deploy comes from */
  runtime?: string;
}

export interface Timeline {
  transitions: Transition[];
  nextBefore?: number | null;
}

export interface Token {
  id: string;
  name: string;
  role: "viewer" | "operator" | "admin";
  createdBy: string;
  createdAt: string;
  expiresAt: string;
  lastUsedAt: string | null;
  revokedAt: string | null;
  secret?: string;
}

export interface TokenList {
  tokens: Token[];
}

export interface TokenRevoked {
  revoked: boolean;
}

export interface TotpSecret {
  secret: string;
  uri: string;
}

export interface Transition {
  id?: number;
  at?: string;
  from?: string;
  to?: string;
  reason?: string;
  message?: string;
  agents?: string[];
}

export interface Uninstalled {
  left?: string[];
}

export interface User {
  id: string;
  name: string;
  role: "viewer" | "operator" | "admin";
  createdAt: string;
  lastSeenAt: string | null;
  hasPassword: boolean;
  totp: boolean;
  disabled: boolean;
  signInLink?: string;
}

export interface UserChange {
  role?: "viewer" | "operator" | "admin" | null;
  disabled?: boolean | null;
}

export interface UserList {
  users: User[];
}

export interface Waiting {
  waiting: Question[];
  /** How many are open, whatever was searched for */
  total: number;
}

export interface WantedLink {
  reset?: boolean;
}

export interface WebProcess {
  processId?: string;
  /** It could accept a heartbeat lately. */
  ok?: boolean;
  startedAt?: string;
  acceptingAt?: string;
}

export interface Whole {
  jobId: string;
  jobs: AgentPart[];
  leftOut: LeftOut[];
}
