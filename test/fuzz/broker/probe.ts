// Sends one frame as a stranger, and says what is wrong with how the broker took it.

import { decodeRequest, encodeRequest } from "../../../src/protocol/index.ts";
import { type PreparedBroker, problemsOfService } from "./prepared-broker.ts";

/** The longest that a request can ask to wait: 2^31 - 1 ms. */
const LONGEST_WAIT_MS = 0x8000_0000;
const LAST_CORRELATION_ID = 0x7ffffff1;
/** Of the event loop, for a request of up to a megabyte; measured as time of the processor, which a busy machine does not stretch. */
const MOST_MS = 1000;
const MEGABYTE = 1 << 20;

/** A question to which there is always an answer: where it comes back, what was sent before has been dealt with. */
const LAST_QUESTION: Uint8Array = encodeRequest(
  { api: "ApiVersions", version: 0, correlationId: LAST_CORRELATION_ID, clientId: "stranger" },
  {},
);

export interface ProbeResult {
  readonly problems: readonly string[];
  readonly answers: number;
  readonly isClosed: boolean;
  /** Of the processor, while the request was taken. */
  readonly ms: number;
}

/** Sends the frame; then what an ordinary client would; then closes the broker. */
export async function probe(
  prepared: PreparedBroker,
  frame: Uint8Array,
  { ends = false }: { readonly ends?: boolean } = {},
): Promise<ProbeResult> {
  const { broker, clock } = prepared;
  const problems: string[] = [];
  const sent = await send(prepared, frame, ends);
  const { answers, isClosed, ms } = sent;
  if (!sent.isDone) problems.push("neither an answer nor an end");
  if (!isClosed && answers === 0 && !mayStaySilent(frame)) problems.push("no answer");
  if (ms > MOST_MS * Math.max(1, frame.length / MEGABYTE)) problems.push(`took ${Math.round(ms)} ms`);
  problems.push(...(await problemsOfService(prepared)));
  await broker.close();
  await clock.advance(1000);
  problems.push(...broker.failures.map((failure) => failure.stack ?? failure.message));
  if (clock.pendingTimers > 0) problems.push(`${clock.pendingTimers} timers are left`);
  return { problems, answers, isClosed, ms };
}

interface Sent {
  readonly isDone: boolean;
  /** Without the one to the last question. */
  readonly answers: number;
  readonly isClosed: boolean;
  readonly ms: number;
}

async function send({ broker, clock }: PreparedBroker, frame: Uint8Array, ends: boolean): Promise<Sent> {
  const socket = await broker.network.connect(broker.nodes[0]!);
  let answers = 0;
  let isClosed = false;
  let hasLast = false;
  let stream: Buffer = Buffer.alloc(0);
  socket.listen({
    onChunk: (chunk) => {
      stream = Buffer.concat([stream, chunk]);
      while (stream.length >= 8 && stream.length >= 4 + stream.readInt32BE(0)) {
        if (stream.readInt32BE(4) === LAST_CORRELATION_ID) hasLast = true;
        else answers++;
        stream = stream.subarray(4 + stream.readInt32BE(0));
      }
    },
    onDrain: () => undefined,
    onEnd: () => {
      isClosed = true;
    },
    onClose: () => {
      isClosed = true;
    },
  });
  const startedAt = process.cpuUsage();
  socket.write(frame);
  socket.write(LAST_QUESTION);
  if (ends) socket.end();
  await clock.advance(0);
  const { user, system } = process.cpuUsage(startedAt);
  const ms = (user + system) / 1000;
  const isDone = await clock.runUntil(() => isClosed || hasLast, LONGEST_WAIT_MS);
  const sent = { isDone, answers, isClosed, ms };
  socket.destroy();
  return sent;
}

/** Produce with acks 0 is the only one without an answer. */
function mayStaySilent(frame: Uint8Array): boolean {
  try {
    const { api, body } = decodeRequest(frame, { ignoreTrailingBytes: true });
    return api === "Produce" && typeof body === "object" && body !== null && Reflect.get(body, "acks") === 0;
  } catch {
    return false;
  }
}
