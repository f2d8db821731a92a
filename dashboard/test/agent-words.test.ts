import { describe, expect, it } from "vitest";
import { exitWords, wantedWords } from "../src/pages/agents/agent-words";

describe("the words about an agent", () => {
  it("name the signal that ended it", () => {
    expect([exitWords(0), exitWords(3), exitWords(-9), exitWords(-40), exitWords(null)]).toEqual([
      "code 0",
      "code 3",
      "by SIGKILL",
      "by signal 40",
      "not known how",
    ]);
  });

  it("say what is wanted only where it is seen otherwise", () => {
    expect(wantedWords({ state: "stopped", wanted: "running" })).toBe("should be running");
    expect(wantedWords({ state: "running", wanted: "stopped" })).toBe("should be stopped");
    expect(wantedWords({ state: "paused", wanted: "running" })).toBeNull();
    expect(wantedWords({ state: "missing", wanted: "running" })).toBeNull();
    expect(wantedWords({ state: "running", wanted: null })).toBeNull();
  });
});
