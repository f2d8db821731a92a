/** Every page: its address, its place in the navigation, its code, which is fetched when it is first opened. */
import {
  Activity,
  Bot,
  CircleHelp,
  DoorOpen,
  KeyRound,
  type LucideIcon,
  Rocket,
  ScrollText,
  Server,
  ShieldCheck,
  Users,
} from "lucide-react";
import type { ComponentType, LazyExoticComponent } from "react";
import { useOpenJobCount } from "./lib/jobs";
import { part } from "./lib/part";
import type { Role } from "./lib/session";
import { useWaitingCount } from "./lib/waiting";

export const GROUPS = ["Operations", "Access", "System"] as const;

export interface PageRoute {
  path: string;
  title: string;
  group: (typeof GROUPS)[number];
  icon: LucideIcon;
  /** `g` and a letter. */
  shortcut?: string;
  /** Who may use it: at least this role. Without one, everybody. */
  role?: Role;
  /** How many of it wait for an end, or for somebody: a hook, shown beside its title, and what they do. */
  count?: () => number;
  counted?: "running" | "waiting";
  page: LazyExoticComponent<ComponentType>;
  /** One of what the page lists: `path`/:id/:tab?, read with wouter's useParams. */
  detail?: LazyExoticComponent<ComponentType>;
}

export const HOME = "/operations/cluster";

/** In the order of the navigation. A page that does not exist yet is not listed. */
export const PAGES: readonly PageRoute[] = [
  {
    path: HOME,
    title: "Cluster",
    group: "Operations",
    icon: Server,
    shortcut: "g c",
    page: part(() => import("./pages/cluster/cluster-page")),
    detail: part(() => import("./pages/node/node-page")),
  },
  {
    path: "/operations/agents",
    title: "Agents",
    group: "Operations",
    icon: Bot,
    shortcut: "g a",
    page: part(() => import("./pages/agents/agents-page")),
    detail: part(() => import("./pages/agents/agent/agent-page")),
  },
  {
    path: "/operations/waiting",
    title: "Waiting",
    group: "Operations",
    icon: CircleHelp,
    shortcut: "g w",
    count: useWaitingCount,
    counted: "waiting",
    page: part(() => import("./pages/waiting/waiting-page")),
  },
  {
    path: "/operations/deployments",
    title: "Deployments",
    group: "Operations",
    icon: Rocket,
    shortcut: "g d",
    count: useOpenJobCount,
    counted: "running",
    page: part(() => import("./pages/deployments/deployments-page")),
    detail: part(() => import("./pages/deployments/job-page")),
  },
  {
    path: "/operations/events",
    title: "Events",
    group: "Operations",
    icon: Activity,
    shortcut: "g e",
    page: part(() => import("./pages/events/events-page")),
  },
  {
    path: "/access/users",
    title: "Users",
    group: "Access",
    icon: Users,
    shortcut: "g u",
    role: "admin",
    page: part(() => import("./pages/users/users-page")),
  },
  {
    path: "/access/tokens",
    title: "Tokens",
    group: "Access",
    icon: KeyRound,
    shortcut: "g t",
    role: "operator",
    page: part(() => import("./pages/tokens/tokens-page")),
  },
  {
    path: "/access/refusals",
    title: "Refusals",
    group: "Access",
    icon: DoorOpen,
    shortcut: "g r",
    role: "operator",
    page: part(() => import("./pages/refusals/refusals-page")),
  },
  {
    path: "/access/audit",
    title: "Audit log",
    group: "Access",
    icon: ScrollText,
    shortcut: "g l",
    role: "admin",
    page: part(() => import("./pages/audit/audit-page")),
  },
  {
    path: "/system/health",
    title: "Health",
    group: "System",
    icon: ShieldCheck,
    shortcut: "g h",
    page: part(() => import("./pages/health/health-page")),
  },
];

export function pageAt(path: string): PageRoute | undefined {
  return PAGES.find((page) => path === page.path || path.startsWith(`${page.path}/`));
}
