/** Many machines at once: what was pasted about them, and which of their host keys are trusted. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, CLUSTER } from "../../../../../lib/api";
import type { HostKeySeen, HostKeys, MachineList, MachineView } from "../../../../../lib/types";

const PAUSE_MS = 300;
const LOOKS = 32; // in one request

export interface Common {
  user: string;
  agents: string[];
  capabilities: string[];
}

/** What the control plane reads in the list, once nobody types any more. */
export function useMachineList(csv: string, common: Common) {
  const asked = useSettled(JSON.stringify({ csv, ...common }));
  const list = useQuery({
    queryKey: ["machine-list", asked],
    queryFn: ({ signal }) =>
      api<MachineList>(`${CLUSTER}/ssh/machines`, { method: "POST", body: JSON.parse(asked), signal }),
    enabled: JSON.parse(asked).csv.trim() !== "",
    placeholderData: (before) => before,
    retry: false,
    gcTime: 0, // a list may hold passwords
  });
  const there = csv.trim() !== "";
  return {
    machines: there && !list.error ? (list.data?.machines ?? []) : [],
    error: there ? list.error : null,
    settled: asked === JSON.stringify({ csv, ...common }) && !list.isFetching,
  };
}

function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

export type Place = Pick<MachineView, "host" | "port" | "fingerprint">;

export function addressOf({ host, port }: { host: string; port: string | number }): string {
  return `${host.toLowerCase()}:${port}`;
}

/** The host keys of many machines: what each shows, and which of them a person confirmed. */
export function useHostKeys() {
  const [looks, setLooks] = useState<Readonly<Record<string, HostKeySeen>>>({});
  const [confirmed, setConfirmed] = useState<Readonly<Record<string, string>>>({});
  const look = async (places: readonly Place[], way: object): Promise<void> => {
    for (let start = 0; start < places.length; start += LOOKS) {
      const hosts = places.slice(start, start + LOOKS).map(({ host, port }) => ({ host, port: Number(port) }));
      const { keys } = await api<HostKeys>(`${CLUSTER}/ssh/host-keys`, { method: "POST", body: { hosts, ...way } });
      setLooks((before) => ({ ...before, ...Object.fromEntries(keys.map((key) => [addressOf(key), key])) }));
    }
  };
  const confirm = (keys: readonly HostKeySeen[], yes: boolean) =>
    setConfirmed((before) => {
      const mine = new Set(keys.map(addressOf));
      const others = Object.entries(before).filter(([address]) => !mine.has(address));
      const added = yes ? keys.map((key) => [addressOf(key), key.fingerprint] as const) : [];
      return Object.fromEntries([...others, ...added]);
    });
  const forget = () => {
    setLooks({});
    setConfirmed({});
  };
  const isTrusted = (place: Place): boolean => {
    const seen = looks[addressOf(place)];
    if (seen && confirmed[addressOf(place)] === seen.fingerprint) return true;
    if (!seen?.fingerprint) return place.fingerprint !== "";
    return seen.known || place.fingerprint === seen.fingerprint;
  };
  return { looks, look, confirmed, confirm, forget, isTrusted };
}

export type ManyKeys = ReturnType<typeof useHostKeys>;
