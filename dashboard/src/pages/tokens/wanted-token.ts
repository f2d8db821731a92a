/** What a person types about a new join token, and what the API is asked for. */
import type { NewJoinToken } from "../../lib/types";

export interface WantedToken {
  namePattern: string;
  capabilities: string;
  uses: string;
  minutes: string;
  note: string;
}

export type Faults = Readonly<Partial<Record<keyof WantedToken, string>>>;

const MOST_USES = 1000;
const MOST_MINUTES = 24 * 60;
const NAME_PATTERN = /^[A-Za-z0-9*?][A-Za-z0-9._*?-]{0,63}$/;

export function checkToken({ namePattern, uses, minutes }: WantedToken): Faults {
  return {
    ...(!NAME_PATTERN.test(namePattern.trim() || "*") && {
      namePattern: "A node id, or a pattern of one with * and ?",
    }),
    ...(!isBetween(uses, MOST_USES) && { uses: `A number from 1 to ${MOST_USES}` }),
    ...(!isBetween(minutes, MOST_MINUTES) && { minutes: `A number from 1 to ${MOST_MINUTES}` }),
  };
}

export function bodyOf({ namePattern, capabilities, uses, minutes, note }: WantedToken): NewJoinToken {
  const names = capabilities.split(/[\s,]+/).filter(Boolean);
  return {
    namePattern: namePattern.trim() || "*",
    capabilities: names.length > 0 ? names : null,
    uses: Number(uses),
    expiresInMinutes: Number(minutes),
    note: note.trim(),
  };
}

function isBetween(text: string, most: number): boolean {
  const number = Number(text);
  return Number.isInteger(number) && number >= 1 && number <= most;
}
