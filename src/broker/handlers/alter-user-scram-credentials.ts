import {
  AlterUserScramCredentials,
  type AlterUserScramCredentialsResult,
  type Draft,
  type ScramCredentialDeletion,
  type ScramCredentialUpsertion,
} from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { type Refusal, refusal } from "../cluster/refusal.ts";
import { codeOf, NONE } from "../error-codes.ts";
import { scramCredentialFromSalted } from "../security/scram-credential-from-salted.ts";
import { scramMechanismCodes } from "../security/scram-mechanism-codes.ts";
import type { Users } from "../security/users.ts";

const MIN_ITERATIONS = 4096;
const MAX_ITERATIONS = 16_384;

const TWICE = refusal("DUPLICATE_RESOURCE", "A user credential cannot be altered twice in the same request");

/** Every user succeeds or fails by itself. All of the request is looked through before any of it is carried out. */
export const handler: Handler = defineHandler(AlterUserScramCredentials, {
  async answer(request, { cluster: { users } }) {
    const refused = new Map<string, Refusal>();
    const deletions = new Map<string, ScramCredentialDeletion>();
    const upsertions = new Map<string, ScramCredentialUpsertion>();
    for (const deletion of request.deletions) {
      if (refused.has(deletion.name)) continue;
      const problem = deletions.delete(deletion.name) ? TWICE : problemWithDeletion(deletion, users);
      if (problem === undefined) deletions.set(deletion.name, deletion);
      else refused.set(deletion.name, problem);
    }
    for (const upsertion of request.upsertions) {
      const { name } = upsertion;
      if (refused.has(name)) continue;
      const problem = deletions.delete(name) || upsertions.delete(name) ? TWICE : problemWithUpsertion(upsertion);
      if (problem === undefined) upsertions.set(name, upsertion);
      else refused.set(name, problem);
    }
    for (const { name, mechanism } of deletions.values()) users.deleteScram(scramMechanismCodes.get(mechanism)!, name);
    for (const upsertion of upsertions.values()) {
      const mechanism = scramMechanismCodes.get(upsertion.mechanism)!;
      users.setScram(mechanism, upsertion.name, await scramCredentialFromSalted(mechanism, upsertion));
    }
    const done = [...deletions.keys(), ...upsertions.keys()].map((user) => resultOf(user, undefined));
    return { results: [...done, ...Array.from(refused, ([user, problem]) => resultOf(user, problem))] };
  },
  refuse: ({ deletions, upsertions }, errorCode) => ({
    results: Array.from(new Set([...deletions, ...upsertions].map(({ name }) => name)), (user) => ({
      user,
      errorCode,
      errorMessage: null,
    })),
  }),
});

function problemWithDeletion({ name, mechanism }: ScramCredentialDeletion, users: Users): Refusal | undefined {
  const problem = problemWithName(name, mechanism);
  const known = scramMechanismCodes.get(mechanism);
  if (problem !== undefined || known === undefined) return problem;
  if (users.scramCredential(known, name) !== undefined) return undefined;
  return refusal("RESOURCE_NOT_FOUND", "Attempt to delete a user credential that does not exist");
}

function problemWithUpsertion({ name, iterations, mechanism, saltedPassword }: ScramCredentialUpsertion): Refusal | undefined {
  const problem = problemWithName(name, mechanism);
  if (problem !== undefined) return problem;
  if (iterations < MIN_ITERATIONS) return refusal("UNACCEPTABLE_CREDENTIAL", "Too few iterations");
  if (iterations > MAX_ITERATIONS) return refusal("UNACCEPTABLE_CREDENTIAL", "Too many iterations");
  // Java has no keys of no bytes, and the controller did not expect one.
  return saltedPassword.length === 0 ? refusal("UNKNOWN_SERVER_ERROR") : undefined;
}

function problemWithName(name: string, mechanism: number): Refusal | undefined {
  if (name === "") return refusal("UNACCEPTABLE_CREDENTIAL", "Username must not be empty");
  return scramMechanismCodes.has(mechanism) ? undefined : refusal("UNSUPPORTED_SASL_MECHANISM", "Unknown SCRAM mechanism");
}

function resultOf(user: string, refused: Refusal | undefined): Draft<AlterUserScramCredentialsResult> {
  return { user, errorCode: refused === undefined ? NONE : codeOf(refused.error), errorMessage: refused?.message ?? null };
}
