// Authentication, access control lists, delegation tokens and SCRAM users.

import { expect } from "vitest";
import { type Live, unique, when } from "./live.ts";
import { ADMIN, PLAIN_TOKEN, WRONG_PLAIN_TOKEN } from "./node-settings.ts";
import * as refusals from "./refusals.ts";
import type { Script, Scripts } from "./script.ts";

const ANY = 1;
const TOPIC = 2;
const PREFIXED = 4;
const READ = 3;
const ALLOW = 3;
const SCRAM_SHA_256 = 1;
const DAY_MS = 86_400_000;

async function onNewConnection(live: Live, work: (stranger: Live) => Promise<void>): Promise<void> {
  const stranger = await live.anotherConnection();
  try {
    await work(stranger);
  } finally {
    await stranger.close();
  }
}

const saslHandshake: Script = async (live, version) => {
  await onNewConnection(live, async (stranger) => {
    const { mechanisms } = await stranger.send("SaslHandshake", version, { mechanism: "PLAIN" });
    expect(mechanisms.toSorted()).toEqual(["PLAIN", "SCRAM-SHA-256"]);
    // After version 0 the exchange goes on in frames without headers; PLAIN's answer is an empty one.
    if (version === 0) expect(await stranger.sendBare(PLAIN_TOKEN)).toHaveLength(0);
    else await stranger.send("SaslAuthenticate", 2, { authBytes: PLAIN_TOKEN });
    await stranger.send("DescribeCluster", 1, {});
  });
  await onNewConnection(live, async (stranger) => {
    await stranger.send("SaslHandshake", version, { mechanism: "GSSAPI" }, refusals.unknownMechanism);
  });
};

const saslAuthenticate: Script = async (live, version) => {
  await onNewConnection(live, async (stranger) => {
    await stranger.send("SaslHandshake", 1, { mechanism: "PLAIN" });
    const { sessionLifetimeMs } = await stranger.send("SaslAuthenticate", version, { authBytes: PLAIN_TOKEN });
    if (version >= 1) expect(Number(sessionLifetimeMs)).toBeGreaterThan(0);
  });
  await onNewConnection(live, async (stranger) => {
    await stranger.send("SaslHandshake", 1, { mechanism: "PLAIN" });
    const { errorMessage } = await stranger.send(
      "SaslAuthenticate",
      version,
      { authBytes: WRONG_PLAIN_TOKEN },
      refusals.wrongPassword,
    );
    expect(errorMessage).toContain("Invalid username or password");
  });
};

const acl = (resourceName: string) => ({
  resourceType: TOPIC,
  resourceName,
  resourcePatternType: PREFIXED,
  principal: "User:alice",
  host: "*",
  operation: READ,
  permissionType: ALLOW,
});

const filter = (resourceNameFilter: string) => ({
  resourceTypeFilter: TOPIC,
  resourceNameFilter,
  patternTypeFilter: PREFIXED,
  principalFilter: null,
  hostFilter: null,
  operation: ANY,
  permissionType: ANY,
});

const createAcls: Script = async (live, version) => {
  const { results } = await live.send("CreateAcls", version, { creations: [acl(unique("acl")), acl(unique("acl"))] });
  expect(results).toHaveLength(2);
  await live.send("CreateAcls", version, { creations: [acl("")] }, refusals.invalidAcl);
};

const describeAcls: Script = async (live, version) => {
  const name = unique("acl");
  await live.send("CreateAcls", 3, { creations: [acl(name)] });
  const { resources } = await live.until("DescribeAcls", version, filter(name), ({ body }) => body.resources.length === 1);
  expect(resources).toMatchObject([{ resourceType: TOPIC, resourceName: name, acls: [{ principal: "User:alice", host: "*" }] }]);
};

const deleteAcls: Script = async (live, version) => {
  const name = unique("acl");
  await live.send("CreateAcls", 3, { creations: [acl(name)] });
  const { filterResults } = await live.send("DeleteAcls", version, { filters: [filter(name), filter("no-such-topic")] });
  expect(filterResults.map(({ matchingAcls }) => matchingAcls.map(({ resourceName }) => resourceName))).toEqual([[name], []]);
};

const createDelegationToken: Script = async (live, version) => {
  const renewers = [{ principalType: "User", principalName: "bob" }];
  const body = {
    renewers,
    maxLifetimeMs: DAY_MS,
    ...when(version >= 3, { ownerPrincipalType: "User", ownerPrincipalName: "carol" }),
  };
  const token = await live.send("CreateDelegationToken", version, body);
  expect(token).toMatchObject({ principalType: "User", principalName: version >= 3 ? "carol" : ADMIN });
  expect(token.hmac).toHaveLength(64);
  if (version >= 3) expect(token.tokenRequesterPrincipalName).toBe(ADMIN);
};

const newToken = (live: Live) => live.send("CreateDelegationToken", 2, { renewers: [], maxLifetimeMs: DAY_MS });

const renewDelegationToken: Script = async (live, version) => {
  const { hmac, tokenId } = await newToken(live);
  await untilTokenIsKnown(live, tokenId);
  const { expiryTimestampMs } = await live.send("RenewDelegationToken", version, { hmac, renewPeriodMs: DAY_MS / 2 });
  expect(expiryTimestampMs).toBeGreaterThan(Date.now());
  await live.send("RenewDelegationToken", version, { hmac: hmac.slice(1), renewPeriodMs: 1 }, refusals.unknownToken);
};

const expireDelegationToken: Script = async (live, version) => {
  const { hmac, tokenId } = await newToken(live);
  await untilTokenIsKnown(live, tokenId);
  await live.send("ExpireDelegationToken", version, { hmac, expiryTimePeriodMs: -1 });
  await live.send("ExpireDelegationToken", version, { hmac: hmac.slice(1), expiryTimePeriodMs: -1 }, refusals.unknownToken);
};

const describeDelegationToken: Script = async (live, version) => {
  const { tokenId } = await newToken(live);
  const owners = [{ principalType: "User", principalName: ADMIN }];
  const has = ({ body }: { body: { tokens: readonly { tokenId: string }[] } }) =>
    body.tokens.some((token) => token.tokenId === tokenId);
  await live.until("DescribeDelegationToken", version, { owners }, has);
  await live.until("DescribeDelegationToken", version, { owners: null }, has);
};

async function untilTokenIsKnown(live: Live, tokenId: string): Promise<void> {
  await live.until("DescribeDelegationToken", 3, { owners: null }, ({ body }) =>
    body.tokens.some((token) => token.tokenId === tokenId),
  );
}

const credential = (name: string, iterations = 4096) => ({
  name,
  mechanism: SCRAM_SHA_256,
  iterations,
  salt: Buffer.from("some salt of mine"),
  saltedPassword: Buffer.alloc(32, 7),
});

const alterUserScramCredentials: Script = async (live, version) => {
  const name = unique("user");
  await live.send("AlterUserScramCredentials", version, { upsertions: [credential(name)] });
  await live.send("AlterUserScramCredentials", version, { deletions: [{ name, mechanism: SCRAM_SHA_256 }] });
  const { results } = await live.send(
    "AlterUserScramCredentials",
    version,
    { upsertions: [credential(name, 1)] },
    refusals.fewIterations,
  );
  expect(results.map(({ user }) => user)).toEqual([name]);
};

const describeUserScramCredentials: Script = async (live, version) => {
  const name = unique("user");
  await live.send("AlterUserScramCredentials", 0, { upsertions: [credential(name)] });
  const isThere = ({ errors }: { errors: readonly string[] }) => errors.length === 0;
  const { results } = await live.until("DescribeUserScramCredentials", version, { users: [{ name }] }, isThere);
  expect(results).toMatchObject([{ user: name, credentialInfos: [{ mechanism: SCRAM_SHA_256, iterations: 4096 }] }]);
  await live.send("DescribeUserScramCredentials", version, { users: null });
  await live.send("DescribeUserScramCredentials", version, { users: [{ name: "nobody" }] }, refusals.unknownUser);
};

export const securityScripts: Scripts = {
  SaslHandshake: saslHandshake,
  SaslAuthenticate: saslAuthenticate,
  CreateAcls: createAcls,
  DescribeAcls: describeAcls,
  DeleteAcls: deleteAcls,
  CreateDelegationToken: createDelegationToken,
  RenewDelegationToken: renewDelegationToken,
  ExpireDelegationToken: expireDelegationToken,
  DescribeDelegationToken: describeDelegationToken,
  AlterUserScramCredentials: alterUserScramCredentials,
  DescribeUserScramCredentials: describeUserScramCredentials,
};
