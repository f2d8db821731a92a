/** What is wrong with a new password, as far as the page can tell; the control plane checks more. */
export const SHORTEST = 12;

export interface NewPassword {
  current: string;
  next: string;
  repeated: string;
}

export type PasswordFaults = Readonly<Partial<Record<keyof NewPassword, string>>>;

export function checkPassword({ current, next, repeated }: NewPassword, hasPassword: boolean): PasswordFaults {
  return {
    ...(hasPassword && current === "" && { current: "Type the password that you use now" }),
    ...([...next].length < SHORTEST && { next: `At least ${SHORTEST} characters` }),
    ...(repeated !== next && { repeated: "This is not the same password" }),
  };
}
