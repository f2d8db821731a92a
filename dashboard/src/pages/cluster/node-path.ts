/** Where the page of a node is. */
import { HOME } from "../../routes";

export function nodePath(id: string): string {
  return `${HOME}/${encodeURIComponent(id)}`;
}
