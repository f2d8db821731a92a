/** Where the credentials of a node are, in the API and among what was fetched. */
export function credentialsPath(nodeId: string): string {
  return `/api/nodes/${encodeURIComponent(nodeId)}/credentials`;
}

export function credentialsKey(nodeId: string): readonly unknown[] {
  return ["credentials", nodeId];
}
