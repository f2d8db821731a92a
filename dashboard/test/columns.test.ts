import { describe, expect, it } from "vitest";
import { moveColumn, readColumns, writeColumns } from "../src/lib/columns";

const KEYS = ["cpu", "mem", "seen"] as const;

describe("the columns of a table", () => {
  it("are all shown in their own order when nothing is remembered", () => {
    expect(writeColumns(readColumns(null, KEYS))).toBe("cpu,mem,seen");
  });

  it("are as remembered; unknown ones are left out and new ones come last", () => {
    expect(writeColumns(readColumns("seen,gone,-cpu", KEYS))).toBe("seen,-cpu,mem");
  });

  it("move by one place and stay at the ends", () => {
    const choices = readColumns(null, KEYS);
    expect(writeColumns(moveColumn(choices, "mem", -1))).toBe("mem,cpu,seen");
    expect(writeColumns(moveColumn(choices, "mem", 1))).toBe("cpu,seen,mem");
    expect(writeColumns(moveColumn(choices, "cpu", -1))).toBe("cpu,mem,seen");
    expect(writeColumns(moveColumn(choices, "seen", 1))).toBe("cpu,mem,seen");
  });
});
