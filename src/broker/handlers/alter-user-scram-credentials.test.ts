import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AdminStage, type Outcome, outcomeOf } from "../../../test/support/admin-stage.ts";

const [SHA_256, SHA_512] = [1, 2];

let stage: AdminStage;

beforeEach(async () => {
  stage = await AdminStage.open();
});

afterEach(async () => {
  expect(await stage.close()).toEqual([]);
});

function upsertion(
  name: string,
  other: { readonly mechanism?: number; readonly iterations?: number; readonly saltedPassword?: Uint8Array } = {},
) {
  return {
    name,
    mechanism: SHA_256,
    iterations: 4096,
    salt: new Uint8Array(20).fill(7),
    saltedPassword: new Uint8Array(32).fill(9),
    ...other,
  };
}

async function alter(
  deletions: readonly { readonly name: string; readonly mechanism: number }[],
  upsertions: readonly ReturnType<typeof upsertion>[] = [],
): Promise<Outcome[]> {
  const { results } = await stage.client.ask("AlterUserScramCredentials", { deletions, upsertions }, 0);
  return results.map(({ user, ...result }) => outcomeOf(user, result));
}

async function describeUsers(...names: readonly string[]) {
  const users = names.length === 0 ? null : names.map((name) => ({ name }));
  const { results } = await stage.client.ask("DescribeUserScramCredentials", { users }, 0);
  return results;
}

describe("AlterUserScramCredentials", () => {
  it("sets credentials that DescribeUserScramCredentials shows, without their secrets", async () => {
    await alter([], [upsertion("alice"), upsertion("bob", { mechanism: SHA_512, iterations: 8192 })]);
    expect(await describeUsers()).toMatchObject([
      { user: "alice", errorCode: 0, credentialInfos: [{ mechanism: SHA_256, iterations: 4096 }] },
      { user: "bob", errorCode: 0, credentialInfos: [{ mechanism: SHA_512, iterations: 8192 }] },
    ]);
  });

  it("gives a user both mechanisms in two requests, and takes one away", async () => {
    await alter([], [upsertion("alice")]);
    await alter([], [upsertion("alice", { mechanism: SHA_512 })]);
    expect((await describeUsers("alice"))[0]!.credentialInfos).toHaveLength(2);
    expect(await alter([{ name: "alice", mechanism: SHA_256 }])).toEqual([["alice", "NONE", null]]);
    expect((await describeUsers("alice"))[0]!.credentialInfos).toMatchObject([{ mechanism: SHA_512 }]);
  });

  // The words are a 4.3.1 broker's.
  it.each([
    ["a", { iterations: 4095 }, "UNACCEPTABLE_CREDENTIAL", "Too few iterations"],
    ["a", { iterations: 16385 }, "UNACCEPTABLE_CREDENTIAL", "Too many iterations"],
    ["", {}, "UNACCEPTABLE_CREDENTIAL", "Username must not be empty"],
    ["a", { mechanism: 0 }, "UNSUPPORTED_SASL_MECHANISM", "Unknown SCRAM mechanism"],
    ["a", { mechanism: 9 }, "UNSUPPORTED_SASL_MECHANISM", "Unknown SCRAM mechanism"],
    ["a", { saltedPassword: new Uint8Array() }, "UNKNOWN_SERVER_ERROR", null],
  ] as const)("refuses for '%s' %o", async (name, other, error, message) => {
    expect(await alter([], [upsertion(name, other)])).toEqual([[name, error, message]]);
    expect(await describeUsers()).toEqual([]);
  });

  it("refuses to delete what is not there", async () => {
    await alter([], [upsertion("alice")]);
    const refused = "Attempt to delete a user credential that does not exist";
    expect(
      await alter([
        { name: "alice", mechanism: SHA_512 },
        { name: "nobody", mechanism: SHA_256 },
      ]),
    ).toEqual([
      ["alice", "RESOURCE_NOT_FOUND", refused],
      ["nobody", "RESOURCE_NOT_FOUND", refused],
    ]);
  });

  it("refuses a user that comes twice, even for different mechanisms, and serves the others", async () => {
    const upsertions = [upsertion("alice"), upsertion("alice", { mechanism: SHA_512 }), upsertion("bob")];
    expect(await alter([], upsertions)).toEqual([
      ["bob", "NONE", null],
      ["alice", "DUPLICATE_RESOURCE", "A user credential cannot be altered twice in the same request"],
    ]);
    expect((await describeUsers()).map(({ user }) => user)).toEqual(["bob"]);
  });
});

describe("DescribeUserScramCredentials", () => {
  it("refuses users without credentials, and those who are asked for twice", async () => {
    await alter([], [upsertion("alice")]);
    const results = (await describeUsers("nobody", "alice", "alice")).map(({ user, ...result }) => outcomeOf(user, result));
    expect(results).toEqual([
      ["nobody", "RESOURCE_NOT_FOUND", "Attempt to describe a user credential that does not exist: nobody"],
      ["alice", "DUPLICATE_RESOURCE", "Cannot describe SCRAM credentials for the same user twice in a single request: alice"],
    ]);
  });
});
