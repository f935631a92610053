// A group with members of several clients in processes of their own, a topic that is written to all the time, and everybody's journals.

import { setTimeout as pause } from "node:timers/promises";
import { Admin, Consumer, Producer } from "../../../src/index.ts";
import type { RunningProgram, Stage } from "../scenario.ts";
import type { Entry, Place } from "./journal.ts";
import { type MixedClient, type MixedPlace, type MixedProtocol, SESSION_MS, startMembers } from "./mixed-clients.ts";

export const PARTITIONS = 7;
const WRITE_EACH_MS = 20;
const ASK_EACH_MS = 250;

/** A client's process and those of its members that live. */
interface Host {
  readonly program: RunningProgram;
  readonly followed: Promise<void>;
  readonly members: Set<string>;
}

export class MixedGroup {
  readonly entries: Entry[] = [];
  /** How many records each partition has. */
  readonly ends: number[] = Array.from({ length: PARTITIONS }, () => 0);
  readonly #stage: Stage;
  readonly #place: MixedPlace;
  readonly #hosts = new Map<MixedClient, Host>();
  readonly #held = new Map<string, Set<number>>();
  /** Members that have handled something since they were asked for it. */
  readonly #seen = new Set<string>();
  readonly #handledTo: number[] = Array.from({ length: PARTITIONS }, () => 0);
  #joined = 0;
  #restarts = 0;
  #isWriting = true;
  #writing: Promise<void> = Promise.resolve();
  #asking: Promise<void> = Promise.resolve();
  #isAsking = true;
  readonly #waiting: (() => void)[] = [];
  /** What keeps the whole from going on. */
  #failure: Error | undefined;

  constructor(stage: Stage, protocol: MixedProtocol) {
    this.#stage = stage;
    this.#place = { group: stage.unique("group"), topic: stage.unique("topic"), protocol };
    const late = (): void => {
      console.info(`${protocol} is late: ${this.#state()}`);
      this.#wake();
    };
    stage.signal.addEventListener("abort", late, { once: true });
  }

  /** Topic, load, and somebody who asks what is committed. */
  async begin(): Promise<void> {
    const { topic, group } = this.#place;
    await using admin = new Admin({ bootstrapServers: this.#stage.bootstrapServers });
    await admin.createTopics([{ name: topic, numPartitions: PARTITIONS, replicationFactor: 1 }]);
    // Members of classic groups say it themselves.
    const set = { "consumer.session.timeout.ms": String(SESSION_MS), "consumer.heartbeat.interval.ms": "300" };
    await admin.incrementalAlterConfigs([{ type: "group", name: group, set }]);
    this.#writing = this.#whatever(() => this.#write());
    this.#asking = this.#whatever(() => this.#ask());
  }

  /** How many members live. */
  get size(): number {
    return this.#held.size;
  }

  membersOf(client: MixedClient): readonly string[] {
    return [...(this.#hosts.get(client)?.members ?? [])];
  }

  async join(client: MixedClient): Promise<string> {
    const host = this.#hosts.get(client) ?? (await this.#start(client));
    const name = `${client.name}-${++this.#joined}`;
    host.members.add(name);
    this.#held.set(name, new Set());
    host.program.write(`join ${name}\n`);
    return name;
  }

  /** Resolves when it has left. */
  async leave(client: MixedClient, name: string): Promise<void> {
    const host = this.#hosts.get(client);
    if (host?.members.has(name) !== true) throw new Error(`${name} is no member`);
    host.program.write(`leave ${name}\n`);
    await this.until(`${name} to leave`, () => !this.#held.has(name));
  }

  /** The process, with all members that it has. */
  async kill(client: MixedClient): Promise<void> {
    const host = this.#hosts.get(client);
    if (host === undefined) throw new Error(`${client.name} has no process`);
    this.#hosts.delete(client);
    await host.program.stop("SIGKILL");
    await host.followed;
    const at = now();
    for (const member of host.members) this.#take({ what: "killed", member, at });
  }

  /** Every partition is somebody's, everybody has some, and has handled records of them. */
  async untilShared(): Promise<void> {
    await this.until("the partitions to be shared", () => {
      const held = [...this.#held.values()].flatMap((partitions) => [...partitions]);
      return held.length === PARTITIONS && new Set(held).size === PARTITIONS && this.#everybodyHas();
    });
    this.#seen.clear();
    await this.until(
      "everybody to read",
      () => [...this.#held.keys()].every((name) => this.#seen.has(name)) || !this.#everybodyHas(),
    );
  }

  /** No more is written, and everything is handled. */
  async finish(): Promise<void> {
    this.#isWriting = false;
    await this.#writing;
    await this.until("everything to be handled", () => this.#handledTo.every((to, partition) => to === this.ends[partition]));
  }

  /** However it went: nothing is written any more, and what is committed is asked for the last time. */
  async end(): Promise<void> {
    this.#isWriting = false;
    this.#isAsking = false;
    await Promise.all([this.#writing, this.#asking]);
  }

  async until(what: string, isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#stage.signal.aborted) throw new Error(`waited for ${what}: ${this.#state()}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #state(): string {
    const held = [...this.#held].map(([name, partitions]) => `${name} has ${[...partitions].join(",") || "nothing"}`);
    return `${held.join("; ")}; handled ${this.#handledTo.join(",")} of ${this.ends.join(",")}`;
  }

  #everybodyHas(): boolean {
    return [...this.#held.values()].every(({ size }) => size > 0);
  }

  async #start(client: MixedClient): Promise<Host> {
    const program = await startMembers(client, this.#stage, this.#place, this.#restarts++);
    const host: Host = { program, members: new Set(), followed: this.#whatever(() => this.#follow(program)) };
    this.#hosts.set(client, host);
    return host;
  }

  /** A process that is killed may leave half a line. */
  async #follow(program: RunningProgram): Promise<void> {
    for await (const line of program.lines) {
      if (line.startsWith('{"') && line.endsWith("}")) this.#take(JSON.parse(line) as Entry);
    }
    if ([...this.#hosts.values()].some((host) => host.program === program && host.members.size > 0)) {
      throw new Error(`a process with members has ended: ${(await program.ended).stderr.slice(-2000)}`);
    }
  }

  #take(entry: Entry): void {
    this.entries.push(entry);
    if ("member" in entry) {
      const held = this.#held.get(entry.member);
      if (entry.what === "assigned") for (const partition of entry.partitions) held?.add(partition);
      if (entry.what === "revoked" || entry.what === "lost") for (const partition of entry.partitions) held?.delete(partition);
      if (entry.what === "left" || entry.what === "killed") this.#gone(entry.member);
      if (entry.what === "failed") this.#failure ??= new Error(`${entry.member}: ${entry.error}`);
    }
    if (entry.what === "read") {
      this.#seen.add(entry.member);
      for (const [partition, offset] of entry.records) {
        this.#handledTo[partition] = Math.max(this.#handledTo[partition] ?? 0, offset + 1);
      }
    }
    this.#wake();
  }

  #gone(member: string): void {
    this.#held.delete(member);
    for (const { members } of this.#hosts.values()) members.delete(member);
  }

  async #write(): Promise<void> {
    await using producer = new Producer({ bootstrapServers: this.#stage.bootstrapServers });
    const { topic } = this.#place;
    while (this.#isWriting) {
      const records = this.ends.map((end, partition) => ({ partition, value: String(end) }));
      await producer.sendBatch(topic, records);
      for (const partition of this.ends.keys()) this.ends[partition] = (this.ends[partition] ?? 0) + 1;
      await pause(WRITE_EACH_MS, undefined, { signal: this.#stage.signal });
    }
  }

  async #ask(): Promise<void> {
    const { topic, group } = this.#place;
    await using outsider = new Consumer({ bootstrapServers: this.#stage.bootstrapServers, groupId: group });
    const places = this.ends.map((_, partition) => ({ topic, partition }));
    for (let isLast = false; !isLast; ) {
      isLast = !this.#isAsking;
      this.#take({ what: "asked", at: now() });
      const found = await outsider.committed(places);
      const offsets = found.flatMap((one, partition): Place[] => (one === null ? [] : [[partition, one.offset]]));
      this.#take({ what: "stored", at: now(), offsets });
      if (!isLast) await pause(ASK_EACH_MS, undefined, { signal: this.#stage.signal });
    }
  }

  /** In the background: what goes wrong is told to whoever waits. */
  async #whatever(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (this.#stage.signal.aborted) return;
      this.#failure ??= error instanceof Error ? error : new Error(String(error));
      this.#wake();
    }
  }
}

function now(): number {
  return performance.timeOrigin + performance.now();
}
