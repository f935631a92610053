// Whether a broker answers, found out from outside: logs differ from version to version.

import { setTimeout as pause } from "node:timers/promises";
import { RawConnection } from "../raw-connection.ts";

const RETRY_MS = 15;
const ANSWER_MS = 2000;

/** ApiVersions version 0: api key 18, version 0, correlation id 1, client id "test". */
export const API_VERSIONS_REQUEST: Uint8Array = Buffer.from("0012000000000001000474657374", "hex");

export interface StartingProcess {
  readonly exited: Promise<string>;
  output(): string;
}

/**
 * Resolves when the broker answers an ApiVersions request; a broker in KRaft mode opens its listener only then. Rejects with what
 * the process has written if it ends first, or after the deadline.
 */
export async function untilAnswering(host: string, port: number, process: StartingProcess, deadlineMs: number): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  let ended: string | undefined;
  void process.exited.then((how) => {
    ended = how;
  });
  let lastError: unknown;
  while (Date.now() < deadline) {
    if (ended !== undefined) throw new Error(`the broker ended while it started (${ended})\n${process.output()}`);
    try {
      await askApiVersions(host, port);
      return;
    } catch (error) {
      lastError = error;
    }
    await pause(RETRY_MS);
  }
  throw new Error(`the broker at ${host}:${port} did not answer in ${deadlineMs} ms\n${process.output()}`, { cause: lastError });
}

async function askApiVersions(host: string, port: number): Promise<void> {
  const connection = await RawConnection.open(host, port, { timeoutMs: ANSWER_MS });
  try {
    await connection.request(API_VERSIONS_REQUEST);
  } finally {
    await connection.close();
  }
}
