/** What a person types about a new node, and what is wrong with it: the same rules as the API's. */
export interface Registration {
  name: string;
  host: string;
  port: string;
  nodeId: string;
}

export type Faults = Readonly<Partial<Record<keyof Registration, string>>>;

const NODE_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{1,63}$/;

export function checkAddress({ host, port }: Registration): Faults {
  const number = Number(port);
  return {
    ...(host.trim() === "" && { host: "Type the machine's IP address or hostname" }),
    ...(!(Number.isInteger(number) && number >= 1 && number <= 65535) && { port: "A number from 1 to 65535" }),
  };
}

export function checkRegistration(registration: Registration): Faults {
  return {
    ...checkAddress(registration),
    ...(!NODE_ID.test(registration.nodeId.trim()) && {
      nodeId: "2 to 64 letters, digits, dots, dashes or underscores, beginning with a letter or digit",
    }),
  };
}

export function isNodeId(text: string): boolean {
  return NODE_ID.test(text);
}

/** A node id made of a name: "Office Mac mini" is office-mac-mini. */
export function nodeIdFrom(name: string): string {
  return name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, "")
    .slice(0, 64);
}
