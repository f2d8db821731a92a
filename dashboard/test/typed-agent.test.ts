import { describe, expect, it } from "vitest";
import type { AgentRow } from "../src/lib/types";
import { changeOf, checkAgent, FRESH, newAgentOf, typedFrom } from "../src/pages/agents/register/typed-agent";
import { lineOf, wordsOf } from "../src/pages/agents/register/words";

describe("a command as one line", () => {
  it("is split at blanks, but not within quotes", () => {
    expect(wordsOf(` python3  -m "my agent" --say='it is "on"'`)).toEqual([
      "python3",
      "-m",
      "my agent",
      `--say=it is "on"`,
    ]);
    expect(wordsOf(`x ""`)).toEqual(["x", ""]);
  });

  it("is not taken with a quote that is not closed", () => {
    expect(wordsOf(`echo "oh no`)).toBeNull();
  });

  it("gives the same words again", () => {
    for (const words of [["a b", "c"], [`it's "on"`], [""], [`"`], ["--x=1", "a\tb", "$HOME"]]) {
      expect(wordsOf(lineOf(words))).toEqual(words);
    }
  });
});

describe("a typed agent", () => {
  const full = {
    ...FRESH,
    agentId: "ada",
    command: "sleep 60",
    env: "TOKEN=a=b\n\nMODE=x",
    capabilities: "gpu, docker",
    memoryMb: "512",
    cpuWeight: "0.5",
    labels: "region=eu",
    memoryLimitMb: "900",
  };

  it("is sent in the words of the API", () => {
    expect(checkAgent(full)).toEqual({});
    expect(newAgentOf(full)).toMatchObject({
      agentId: "ada",
      command: ["sleep", "60"],
      env: { TOKEN: "a=b", MODE: "x" },
      needs: { capabilities: ["gpu", "docker"], memoryMb: 512, cpuWeight: 0.5, labels: { region: "eu" } },
      memoryWarnMb: null,
      memoryLimitMb: 900,
      nodeId: null,
      wanted: "running",
    });
  });

  it("leaves the environment as it is when none was typed", () => {
    expect(changeOf({ ...full, env: " \n" })).not.toHaveProperty("env");
  });

  it("is told what is wrong with each field", () => {
    const wrong = {
      ...FRESH,
      agentId: "-x",
      command: "'",
      env: "nothing",
      labels: "a",
      cpuWeight: "x",
      memoryMb: "1.5",
    };
    expect(Object.keys(checkAgent({ ...wrong, leaseSeconds: "5" })).sort()).toEqual(
      ["agentId", "command", "cpuWeight", "env", "labels", "leaseSeconds", "memoryMb"].sort(),
    );
  });

  it("stays the same when an agent is changed and nothing was typed", () => {
    const sent = newAgentOf(full);
    const row = { ...sent, envNames: ["MODE"], nodeId: "n-1" } as unknown as AgentRow;
    expect({ ...changeOf(typedFrom({ ...row, name: "Ada" })), env: sent.env, name: "Ada" }).toEqual({
      ...changeOf(full),
      name: "Ada",
    });
  });
});
