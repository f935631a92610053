/** A group, a topic that is written without pause, and the members that read it. */
import { setTimeout as pause } from "node:timers/promises";
import { namedSettings } from "../real-broker/client-process.ts";
import type { BenchClient } from "../real-broker/clients.ts";
import type { Stage } from "../real-broker/stage.ts";
import type { Mode } from "./groups-suite.ts";
import { type Handled, MemberProcess } from "./member-process.ts";
import { SteadyWriter } from "./steady-writer.ts";

/** The shortest that brokers allow; Java's own hint is to beat three times in it, this is more often: who waits for others waits less. */
export const SESSION_MS = 6_000;
export const HEARTBEAT_MS = 500;
/** Who is settled has read all partitions within this time. */
const RECENT_MS = 300;
const LOOK_AGAIN_MS = 50;
/** And nothing has been shared anew for so long. */
const QUIET_MS = 1_500;
const PATIENCE_MS = 60_000;

export interface SceneInit {
  readonly stage: Stage;
  readonly client: BenchClient;
  readonly mode: Mode;
  readonly members: number;
  readonly partitions: number;
  readonly isStatic: boolean;
}

interface Place {
  readonly name: string;
  process: MemberProcess;
}

export class GroupScene {
  readonly #init: SceneInit;
  readonly #topic: string;
  readonly #writer: SteadyWriter;
  readonly #places: Place[] = [];
  /** All that there were. */
  readonly #processes: MemberProcess[] = [];

  private constructor(init: SceneInit, topic: string) {
    this.#init = init;
    this.#topic = topic;
    this.#writer = new SteadyWriter(init.stage.bootstrapServers, topic, init.partitions);
  }

  /** Resolves when the group is settled. */
  static async open(init: SceneInit): Promise<GroupScene> {
    const [topic = ""] = await init.stage.topics.create(1, init.partitions);
    const scene = new GroupScene(init, topic);
    try {
      for (let index = 0; index < init.members; index++) {
        const name = `member-${index}`;
        scene.#places.push({ name, process: scene.#start(name) });
      }
      await scene.settled();
      return scene;
    } catch (error) {
      // What went wrong first is told.
      await scene.close().catch(() => undefined);
      throw error;
    }
  }

  get members(): readonly MemberProcess[] {
    return this.#places.map(({ process: member }) => member);
  }

  /** By all members that there were. */
  get handled(): readonly Handled[] {
    return this.#processes.flatMap(({ handled }) => handled);
  }

  /** The newest that anybody has heard of. */
  get generation(): number {
    return Math.max(...this.#processes.map(({ generation }) => generation));
  }

  /** What a member is reading. */
  partitionsOf({ handled }: MemberProcess): ReadonlySet<number> {
    const since = Date.now() - RECENT_MS;
    const last = handled.findLastIndex(({ atMs }) => atMs < since);
    return new Set(handled.slice(last + 1).map(({ partition }) => partition));
  }

  /** It does not come back. */
  without(member: MemberProcess): void {
    const index = this.#places.findIndex(({ process: one }) => one === member);
    this.#places.splice(index, 1);
  }

  /** Closes the member at that place, and starts another one there. Resolves when that one has handled something. */
  async restart(index: number): Promise<void> {
    const place = this.#places[index];
    if (place === undefined) throw new Error(`there is no member ${index}`);
    await place.process.close();
    place.process = this.#start(place.name);
    const { process: member } = place;
    await this.until(() => member.handled.length > 0, `${place.name} reads again`);
  }

  /** Resolves when all partitions are read, by all members, and nothing is shared anew. */
  async settled(): Promise<void> {
    for (;;) {
      await this.until(() => this.#isReadByAll(), "all members read, and all partitions are read");
      const sinceMs = Date.now();
      await pause(QUIET_MS);
      const isQuiet = this.members.every(({ assignedAtMs = 0 }) => assignedAtMs < sinceMs);
      if (isQuiet && this.#isReadByAll()) return;
    }
  }

  /** @throws when it does not become so, or a member has failed */
  async until(isSo: () => boolean, what: string): Promise<void> {
    const endMs = Date.now() + PATIENCE_MS;
    while (!isSo()) {
      const failed = this.#processes.find(({ problem }) => problem !== undefined);
      if (failed?.problem !== undefined) throw failed.problem;
      if (Date.now() > endMs) throw new Error(`not within ${PATIENCE_MS} ms: ${what}`);
      await pause(LOOK_AGAIN_MS);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#places.map(({ process: member }) => member.close()));
    await this.#writer.stop();
    await this.#init.stage.topics.remove(this.#topic);
  }

  #isReadByAll(): boolean {
    const read = this.members.map((member) => this.partitionsOf(member));
    const all = new Set(read.flatMap((partitions) => [...partitions]));
    return read.every(({ size }) => size > 0) && all.size === this.#init.partitions;
  }

  #start(name: string): MemberProcess {
    const { stage, client, mode, isStatic } = this.#init;
    const settings = {
      bootstrap: stage.bootstrapServers,
      topic: this.#topic,
      group: `group-of-${this.#topic}`,
      clientId: name,
      protocol: mode === "consumer" ? "consumer" : "classic",
      assignor: mode === "cooperative" ? "cooperative-sticky" : "",
      instanceId: isStatic ? name : "",
      sessionTimeoutMs: SESSION_MS,
      heartbeatIntervalMs: HEARTBEAT_MS,
    };
    const [command, ...args] = client.command;
    const environment = { ...stage.environment, ...client.environment };
    const member = new MemberProcess([command, ...args, ...namedSettings(settings)], environment);
    this.#processes.push(member);
    return member;
  }
}
