/** The live fleet for components. */
import { useEffect, useState, useSyncExternalStore } from "react";
import { type Fleet, fleet } from "./fleet";
import { type Choice, FleetView } from "./fleet-view";
import { live } from "./live";
import type { FleetNode } from "./node";
import { stream } from "./stream";

/** Draws again after each flush (at most four times a second); read what is needed from the fleet. */
export function useFleet() {
  useSyncExternalStore(fleet.subscribe, fleet.getVersion);
  return fleet;
}

/** One value of the fleet: draws again only when it is another one. */
export function useFleetValue<T extends string | number | boolean>(read: (fleet: Fleet) => T): T {
  return useSyncExternalStore(fleet.subscribe, () => read(fleet));
}

/** A node changes in place: draws again when it did. */
export function useRevision(node: FleetNode): number {
  return useSyncExternalStore(fleet.subscribe, () => node.revision);
}

/** Draws again only when a status changed or a node came or went; returns a number that grows then. */
export function useStatuses(): number {
  return useSyncExternalStore(fleet.subscribe, () => fleet.statusVersion);
}

/** The filtered rows in order. `choice` must be memoised. */
export function useFleetView(choice: Choice): FleetView {
  const [view] = useState(() => new FleetView(fleet, choice));
  useSyncExternalStore(view.subscribe, view.getVersion);
  useEffect(() => view.follow(), [view]);
  useEffect(() => view.choose(choice), [view, choice]);
  return view;
}

/** Whether a node is there, without drawing again for its figures. */
export function useNode(id: string) {
  useSyncExternalStore(fleet.subscribe, () => fleet.nodes.get(id)?.revision ?? -1);
  return fleet.nodes.get(id);
}

export function useLinkState() {
  return useSyncExternalStore(stream.subscribe, stream.getState);
}

export function useListFailure() {
  return useSyncExternalStore(live.subscribe, live.getFailure);
}

export function useNotices() {
  return useSyncExternalStore(live.subscribe, live.getNotices);
}
