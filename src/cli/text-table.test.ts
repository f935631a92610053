import { describe, expect, it } from "vitest";
import { counted, textTable } from "./text-table.ts";

describe("a table for people", () => {
  it("is as wide as what is in it, with numbers to the right and no blanks at the end of a line", () => {
    const table = textTable(
      [{ title: "NAME" }, { title: "PARTITIONS", isNumber: true }, { title: "NOTE" }],
      [
        ["orders", "12", "busy"],
        ["a-long-name", "3", ""],
      ],
    );
    expect(table).toBe(
      ["NAME         PARTITIONS  NOTE", "orders               12  busy", "a-long-name           3", ""].join("\n"),
    );
  });

  it("counts characters and not units", () => {
    expect(
      textTable(
        [{ title: "A" }, { title: "B" }],
        [
          ["😀😀", "x"],
          ["ab", "y"],
        ],
      ),
    ).toBe("A   B\n😀😀  x\nab  y\n");
  });

  it("shows nothing that a terminal would act on", () => {
    expect(textTable([{ title: "A" }], [["\u001b[31mred\n"]])).toBe("A\n·[31mred·\n");
  });

  it("speaks of one thing in the singular", () => {
    expect([counted(1, "topic"), counted(0, "topic"), counted(2, "entry", "entries")]).toEqual([
      "1 topic",
      "0 topics",
      "2 entries",
    ]);
  });
});
