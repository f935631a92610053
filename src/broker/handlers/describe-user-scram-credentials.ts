import { DescribeUserScramCredentials, type DescribeUserScramCredentialsResult, type Draft } from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { codeOf } from "../error-codes.ts";
import { scramMechanismCodes } from "../security/scram-mechanism-codes.ts";
import type { Users } from "../security/users.ts";

export const handler: Handler = defineHandler(DescribeUserScramCredentials, {
  answer({ users: asked }, { cluster: { users } }) {
    if (asked === null || asked.length === 0) return { results: users.scramUsers().map((user) => described(user, 1, users)) };
    const times = new Map<string, number>();
    for (const { name } of asked) times.set(name, (times.get(name) ?? 0) + 1);
    return { results: Array.from(times, ([user, count]) => described(user, count, users)) };
  },
  refuse: (request, errorCode) => ({
    errorCode,
    results: (request.users ?? []).map(({ name }) => ({ user: name, errorCode })),
  }),
});

function described(user: string, times: number, users: Users): Draft<DescribeUserScramCredentialsResult> {
  if (times > 1) {
    const errorMessage = `Cannot describe SCRAM credentials for the same user twice in a single request: ${user}`;
    return { user, errorCode: codeOf("DUPLICATE_RESOURCE"), errorMessage };
  }
  const credentialInfos = Array.from(scramMechanismCodes).flatMap(([code, mechanism]) => {
    const credential = users.scramCredential(mechanism, user);
    return credential === undefined ? [] : [{ mechanism: code, iterations: credential.iterations }];
  });
  if (credentialInfos.length > 0) return { user, credentialInfos };
  const errorMessage = `Attempt to describe a user credential that does not exist: ${user}`;
  return { user, errorCode: codeOf("RESOURCE_NOT_FOUND"), errorMessage };
}
