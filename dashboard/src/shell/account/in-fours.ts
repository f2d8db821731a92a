/** A secret as people type it from another screen: "ABCD EFGH". */
export function inFours(secret: string): string {
  return (secret.match(/.{1,4}/g) ?? []).join(" ");
}
