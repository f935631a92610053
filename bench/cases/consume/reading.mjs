/**
 * What is done with every record, and for how long: the same for all clients for Node.js (and, in their languages, for the others).
 *
 * A _pass_ reads the topic from its beginning, with a new consumer. A client that comes to the end before the time is over makes another
 * pass; connecting, finding the topic and closing are not measured: the clock runs from a pass's first delivery to its last, and counts
 * what came in between.
 */

import { monitorEventLoopDelay } from "node:perf_hooks";
import { DELAY_RESOLUTION_MS } from "../own-process/process.mjs";

/** Of every value: its length, a byte near its beginning, and the last but one. The first and the last are the same in all. */
const EARLY_BYTE = 8;
const LATE_BYTE = 2;
/** A client that hands out single records looks at the clock after so many. Every topic's size is a multiple of it. */
const RECORDS_A_LOOK = 1_000;
const LOOKS_A_SECOND = 100;
const TWO_TO_THE_32 = 2 ** 32;

/** When a process began to read, how long it warms up and measures; and what it measured. */
export class Clock {
  delays = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  records = 0;
  seconds = 0;
  cpuSeconds = 0;
  coldMs;
  isOver = false;
  #startedAt = performance.now();
  #warmFrom;
  #isWarm = false;
  /** Since when it runs. */
  #from;
  #plan;

  constructor(plan) {
    this.#plan = plan;
  }

  get isWarm() {
    return this.#isWarm;
  }

  /** Something was delivered and looked at, `count` since the pass began; was it the last of the pass? */
  delivered(count, isLast) {
    const now = performance.now();
    if (this.#warmFrom === undefined) {
      this.coldMs = now - this.#startedAt;
      this.#warmFrom = now;
    }
    if (this.#from !== undefined) {
      const seconds = (now - this.#from.at) / 1000;
      this.isOver = (this.seconds + seconds) * 1000 >= this.#plan.measureMs;
      if (this.isOver || isLast) this.#stop(count, seconds);
    } else {
      this.#isWarm ||= now - this.#warmFrom >= this.#plan.warmUpMs;
      if (this.#isWarm && !isLast && !this.isOver) this.#start(count);
    }
  }

  #start(count) {
    this.delays.enable();
    this.#from = { at: performance.now(), count, cpu: process.cpuUsage() };
  }

  #stop(count, seconds) {
    const { user, system } = process.cpuUsage(this.#from.cpu);
    this.delays.disable();
    this.cpuSeconds += (user + system) / 1e6;
    this.seconds += seconds;
    this.records += count - this.#from.count;
    this.#from = undefined;
  }
}

/** A topic that is there already, read as fast as the client can. */
export class Pass {
  count = 0;
  isOver = false;
  sum = 0;
  problem;
  nextOffsets;
  #clock;
  #expected;

  constructor(plan, clock) {
    this.nextOffsets = new Array(plan.partitions).fill(0);
    this.#expected = plan.records;
    this.#clock = clock;
  }

  /** A record, which is looked at. */
  take(partition, offset, value) {
    if (offset !== this.nextOffsets[partition]) this.outOfOrder(partition, offset);
    this.nextOffsets[partition] = offset + 1;
    this.sum += value.length + value[EARLY_BYTE] + value[value.length - LATE_BYTE];
    this.count++;
  }

  /** To be asked when what was delivered together is taken. */
  look() {
    if (this.isOver) return true;
    const isLast = this.count >= this.#expected;
    this.#clock.delivered(this.count, isLast);
    this.isOver = isLast || this.#clock.isOver || this.problem !== undefined;
    return this.isOver;
  }

  /** For a client that delivers one record at a time: whether it was the last that is wanted. */
  takeOne(partition, offset, value) {
    this.take(partition, offset, value);
    return this.count % RECORDS_A_LOOK === 0 && this.look();
  }

  outOfOrder(partition, offset) {
    this.problem ??= `partition ${partition}: offset ${offset} where ${this.nextOffsets[partition]} is next`;
  }

  get result() {
    return { counts: this.nextOffsets, sum: this.sum };
  }
}

/** A topic that is being written, at a pace: every value begins with the time when it was sent, in microseconds. */
export class LatencyPass extends Pass {
  latencies = [];
  #clock;
  #lookEvery;

  constructor(plan, clock) {
    super({ ...plan, records: Number.POSITIVE_INFINITY }, clock);
    this.#clock = clock;
    this.#lookEvery = Math.ceil(plan.perSecond / LOOKS_A_SECOND);
  }

  take(partition, offset, value) {
    super.take(partition, offset, value);
    if (!this.#clock.isWarm) return;
    const sentAt = value.readUInt32BE(0) * TWO_TO_THE_32 + value.readUInt32BE(4);
    this.latencies.push(performance.timeOrigin + performance.now() - sentAt / 1000);
  }

  takeOne(partition, offset, value) {
    this.take(partition, offset, value);
    return this.count % this.#lookEvery === 0 && this.look();
  }
}
