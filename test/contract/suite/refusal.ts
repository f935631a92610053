// What the client throws, as contracts speak of it.

import assert from "node:assert/strict";
import { KafkaError, UnsupportedVersionError } from "../../../src/index.ts";

/** The error that a call must end with; its code, such as `TOPIC_ALREADY_EXISTS`, is the contract's business. */
export async function refusalOf(call: Promise<unknown>): Promise<KafkaError> {
  let result: unknown;
  try {
    result = await call;
  } catch (error) {
    if (error instanceof KafkaError) return error;
    throw error;
  }
  assert.fail(`nothing was refused; the call resolved to ${JSON.stringify(result)}`);
}

/** The call must be refused with this code, or one of them. That the broker is too old for the question is no answer, and thrown on. */
export async function refused(code: string | readonly string[], call: Promise<unknown>): Promise<KafkaError> {
  const error = await refusalOf(call);
  const codes = typeof code === "string" ? [code] : code;
  if (error instanceof UnsupportedVersionError) throw error;
  assert.ok(codes.includes(error.code), `not refused with ${codes.join(" or ")}, but: ${error.message}`);
  return error;
}
