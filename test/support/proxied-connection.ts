// One connection through the fault proxy: a flow of bytes in each direction.

import type { Socket } from "node:net";

/** How much of a flow is kept back at most; its sender then meets the back-pressure that a slow receiver gives. */
export const MOST_HELD_BYTES: number = 256 * 1024;
/** A throttled flow moves in steps of this length, or of one byte. */
const STEP_MS = 50;
/** Node fires a longer one at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface FlowConditions {
  readonly blocked: boolean;
  readonly delayMs: number;
  readonly bytesPerSecond: number;
}

export interface ConnectionConditions {
  readonly toBroker: FlowConditions;
  readonly toClient: FlowConditions;
}

/** `broken`: with an error, a reset above all. */
type FlowEnd = "no" | "ended" | "broken";

interface HeldChunk {
  readonly bytes: Buffer;
  readonly arrivedAt: number;
}

export interface ProxiedConnectionOptions {
  readonly client: Socket;
  /** May still be connecting. */
  readonly broker: Socket;
  readonly conditions: ConnectionConditions;
  readonly onChange: () => void;
}

export class ProxiedConnection {
  readonly toBroker: ProxiedFlow;
  readonly toClient: ProxiedFlow;
  /** Resolves when both sockets are closed. */
  readonly closed: Promise<void>;
  readonly #client: Socket;
  readonly #broker: Socket;

  constructor({ client, broker, conditions, onChange }: ProxiedConnectionOptions) {
    this.#client = client;
    this.#broker = broker;
    this.toBroker = new ProxiedFlow(client, broker, conditions.toBroker, onChange);
    this.toClient = new ProxiedFlow(broker, client, conditions.toClient, onChange);
    this.closed = Promise.all([client, broker].map(whenClosed)).then(() => {
      this.toBroker.stop();
      this.toClient.stop();
    });
  }

  setConditions({ toBroker, toClient }: ConnectionConditions): void {
    this.toBroker.setConditions(toBroker);
    this.toClient.setConditions(toClient);
  }

  destroy(): void {
    this.#client.destroy();
    this.#broker.destroy();
  }

  reset(): void {
    resetSocket(this.#client);
    resetSocket(this.#broker);
  }

  halfClose(side: "broker" | "client"): void {
    (side === "broker" ? this.toClient : this.toBroker).endNow();
  }
}

/** A socket whose end is on its way cannot be reset: the system refuses (EINVAL), and Node then never closes it. It is closed instead. */
function resetSocket(socket: Socket): void {
  if (socket.writableEnded && !socket.writableFinished) socket.destroy();
  else socket.resetAndDestroy();
}

function whenClosed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once("close", () => resolve()));
}

/** What the source sends goes to the sink in its order, as the conditions let it; how the source ends comes last. */
export class ProxiedFlow {
  /** Given to the sink, ever. */
  passedBytes = 0;
  /** Read from the source and not given to the sink yet. */
  heldBytes = 0;
  readonly #source: Socket;
  readonly #sink: Socket;
  readonly #onChange: () => void;
  readonly #held: HeldChunk[] = [];
  #conditions: FlowConditions;
  /** How the source has ended, and how the sink has been told. */
  #sourceEnd: FlowEnd = "no";
  #passedEnd: FlowEnd = "no";
  #endedAt = 0;
  #isSinkFull = false;
  #isDiscarding = false;
  #isStopped = false;
  #timer: NodeJS.Timeout | undefined;
  /** When the throttle last let something pass. */
  #lastStepAt = Number.NEGATIVE_INFINITY;

  constructor(source: Socket, sink: Socket, conditions: FlowConditions, onChange: () => void) {
    this.#source = source;
    this.#sink = sink;
    this.#conditions = conditions;
    this.#onChange = onChange;
    source.on("data", (chunk: Buffer) => this.#take(chunk));
    source.on("end", () => this.#finish("ended"));
    source.on("error", () => this.#finish("broken"));
    sink.on("drain", () => {
      this.#isSinkFull = false;
      this.#move();
    });
  }

  setConditions(conditions: FlowConditions): void {
    this.#conditions = conditions;
    this.#move();
  }

  /** The sink sees an end now; what the source still sends is thrown away. */
  endNow(): void {
    this.#isDiscarding = true;
    this.#discardHeld();
    if (!this.#sink.writableEnded) this.#sink.end();
    this.#source.resume();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#discardHeld();
  }

  #discardHeld(): void {
    this.#held.length = 0;
    this.heldBytes = 0;
  }

  #take(bytes: Buffer): void {
    if (this.#isDiscarding) return;
    this.#held.push({ bytes, arrivedAt: performance.now() });
    this.heldBytes += bytes.length;
    this.#move();
    if (this.heldBytes >= MOST_HELD_BYTES) this.#source.pause();
    this.#onChange();
  }

  #finish(how: FlowEnd): void {
    this.#sourceEnd = how;
    this.#endedAt = performance.now();
    this.#move();
  }

  /** Gives to the sink what may go now, and sees to it that it is called again for the rest. */
  #move(): void {
    clearTimeout(this.#timer);
    if (this.#isStopped || this.#conditions.blocked) return;
    for (let head = this.#held[0]; head !== undefined; head = this.#held[0]) {
      if (this.#isSinkFull || this.#mustWait(head)) return;
      this.#pass(head);
    }
    if (this.#sourceEnd !== this.#passedEnd && !this.#isEarly(this.#endedAt)) this.#endSink();
  }

  #mustWait({ arrivedAt }: HeldChunk): boolean {
    if (this.#isEarly(arrivedAt)) return true;
    return this.#isBefore(this.#lastStepAt + this.#stepMs());
  }

  #isEarly(arrivedAt: number): boolean {
    return this.#isBefore(arrivedAt + this.#conditions.delayMs);
  }

  /** If so, everything is looked at again then. */
  #isBefore(instant: number): boolean {
    const restMs = instant - performance.now();
    if (restMs <= 0) return false;
    this.#timer = setTimeout(() => this.#move(), Math.min(restMs, LONGEST_TIMER_MS));
    return true;
  }

  /** 0 without a throttle. */
  #stepMs(): number {
    const { bytesPerSecond } = this.#conditions;
    return bytesPerSecond === Number.POSITIVE_INFINITY ? 0 : (this.#stepBytes() / bytesPerSecond) * 1000;
  }

  #stepBytes(): number {
    return Math.max(1, Math.floor((this.#conditions.bytesPerSecond * STEP_MS) / 1000));
  }

  #pass({ bytes, arrivedAt }: HeldChunk): void {
    const portion = bytes.subarray(0, this.#stepBytes());
    if (portion.length === bytes.length) this.#held.shift();
    else this.#held[0] = { bytes: bytes.subarray(portion.length), arrivedAt };
    this.#lastStepAt = performance.now();
    this.heldBytes -= portion.length;
    this.passedBytes += portion.length;
    if (!this.#sink.destroyed) this.#isSinkFull = !this.#sink.write(portion);
    if (this.heldBytes < MOST_HELD_BYTES / 2) this.#source.resume();
    this.#onChange();
  }

  #endSink(): void {
    this.#passedEnd = this.#sourceEnd;
    if (this.#sourceEnd === "broken") resetSocket(this.#sink);
    else if (!this.#sink.writableEnded) this.#sink.end();
  }
}
