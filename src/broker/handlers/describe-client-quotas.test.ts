import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GroupStage } from "../../../test/support/group-stage.ts";
import { errorCode } from "../../protocol/index.ts";

let stage: GroupStage;

beforeEach(async () => {
  stage = await GroupStage.open();
});

afterEach(async () => {
  expect(await stage.close()).toEqual({ failures: [], pendingTimers: 0 });
});

type Component = readonly [entityType: string, matchType: number, match: string | null];

async function ask(...components: readonly Component[]) {
  const filter = components.map(([entityType, matchType, match]) => ({ entityType, matchType, match }));
  const answer = await stage.client.ask("DescribeClientQuotas", { components: filter, strict: false }, 1);
  return { error: errorCode(answer.errorCode).name, message: answer.errorMessage, entries: answer.entries };
}

const NOTHING = { error: "NONE", message: "", entries: [] };

describe("DescribeClientQuotas", () => {
  it("finds nothing, whatever a valid filter asks for", async () => {
    expect(await ask()).toEqual(NOTHING);
    expect(await ask(["user", 0, "alice"], ["client-id", 2, null])).toEqual(NOTHING);
    expect(await ask(["ip", 1, null])).toEqual(NOTHING);
    expect(await ask(["user", 0, ""])).toEqual(NOTHING);
  });

  // The words are a 4.3.1 broker's.
  it.each<[string, string, readonly Component[]]>([
    ["INVALID_REQUEST", "Invalid empty entity type.", [["", 2, null]]],
    [
      "INVALID_REQUEST",
      "Entity type user cannot appear more than once in the filter.",
      [
        ["user", 2, null],
        ["user", 0, "alice"],
      ],
    ],
    ["UNSUPPORTED_VERSION", "Unsupported entity type group", [["group", 2, null]]],
    ["INVALID_REQUEST", "Request specified MATCH_TYPE_EXACT, but set match string to null.", [["user", 0, null]]],
    ["INVALID_REQUEST", "Request specified MATCH_TYPE_DEFAULT, but also specified a match string.", [["user", 1, "alice"]]],
    ["INVALID_REQUEST", "Request specified MATCH_TYPE_SPECIFIED, but also specified a match string.", [["user", 2, "alice"]]],
    ["INVALID_REQUEST", "Unknown match type 3", [["user", 3, null]]],
    [
      "INVALID_REQUEST",
      "Invalid entity filter component combination. IP filter component should not be used with user or clientId filter component.",
      [
        ["ip", 2, null],
        ["user", 2, null],
      ],
    ],
  ])("answers %s: %s", async (error, message, components) => {
    expect(await ask(...components)).toEqual({ error, message, entries: null });
  });
});
