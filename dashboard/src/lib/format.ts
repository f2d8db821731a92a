/** Figures as people read them. */
const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
// Made once: making one takes longer than all else that a row costs.
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium", hour12: false });
const MB_PER_TB = 1024 * 1024;

export function formatCount(value: number): string {
  return whole.format(value);
}

/** "1 node", "1,204 nodes". */
export function formatCountOf(value: number, one: string, many = `${one}s`): string {
  return `${formatCount(value)} ${value === 1 ? one : many}`;
}

/** A share from 0 to 1 as a percentage. */
export function formatShare(share: number | null): string {
  return share === null ? "–" : `${Math.round(share * 100)}%`;
}

export function formatMemory(mb: number): string {
  if (mb >= MB_PER_TB) return `${(mb / MB_PER_TB).toFixed(1)} TB`;
  if (mb >= 10 * 1024) return `${Math.round(mb / 1024)} GB`;
  if (mb >= 1024) return `${(mb / 1024).toFixed(1).replace(/\.0$/, "")} GB`;
  return `${Math.round(mb)} MB`;
}

export function formatCores(cores: number): string {
  return cores >= 1000 ? formatCount(cores) : cores.toFixed(1);
}

/** How long, in the largest unit that fits: 45 s, 12 min, 3 h, 2 d. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min`;
  if (whole < 86400) return `${Math.floor(whole / 3600)} h`;
  return `${Math.floor(whole / 86400)} d`;
}

/** How long a piece of work took: 12ms, 0.8s, 41.0s, 3m 20s; whole seconds while it goes on. */
export function formatSpan(seconds: number, over: boolean): string {
  const spent = Math.max(0, seconds);
  if (over && spent < 0.1) return `${Math.round(spent * 1000)}ms`;
  if (spent < 60) return over ? `${spent.toFixed(1)}s` : `${Math.floor(spent)}s`;
  return `${Math.floor(spent / 60)}m ${Math.floor(spent % 60)}s`;
}

/** What is left of a time, exact when it is short: 45 s, 14:32, 3 h, 2 d. */
export function formatCountdown(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  if (whole < 60 || whole >= 3600) return formatDuration(whole);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** ISO 8601 to epoch seconds. */
export function epochOf(iso: string): number {
  return Date.parse(iso) / 1000;
}

/** The compact form for lists: 45s, 12m, 3h, 2d. */
export function formatAge(seconds: number): string {
  return formatDuration(seconds).replace(" min", "m").replace(" ", "");
}

export function formatPlatform(platform: string, arch: string): string {
  const short = arch === "x86_64" || arch === "AMD64" ? "x64" : arch === "aarch64" ? "arm64" : arch;
  return [platform, short].filter(Boolean).join("/") || "unknown";
}

/** A moment in the reader's own zone, with the zone named. */
export function formatMoment(epochSeconds: number): string {
  return moment.format(epochSeconds * 1000);
}
