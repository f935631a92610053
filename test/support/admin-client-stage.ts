// An Admin client and its cluster in memory, on a clock that is held.

import { expect, onTestFinished } from "vitest";
import type { EmbeddedBrokerOptions } from "../../src/broker/index.ts";
import { Admin, type AdminOptions } from "../../src/client/index.ts";
import { memoryRuntime } from "./client-runtime.ts";
import { type HeldCluster, HeldStage, heldCluster } from "./held-stage.ts";

export class AdminClientStage extends HeldStage {
  readonly admin: Admin;

  private constructor(held: HeldCluster, options: AdminOptions) {
    super(held);
    const { broker, clock } = held;
    const { bootstrapServers } = broker;
    this.admin = new Admin({ bootstrapServers, clientId: "test", ...options }, memoryRuntime(broker, { clock }));
  }

  static async open(cluster: EmbeddedBrokerOptions = {}, options: AdminOptions = {}): Promise<AdminClientStage> {
    const held = await heldCluster(cluster);
    return new AdminClientStage(held, options);
  }

  /** How many milliseconds of held time the promise takes to settle, and what it rejects with, if it does. */
  async outcomeOf(promise: Promise<unknown>): Promise<{ readonly error: unknown; readonly tookMs: number }> {
    const startMs = this.clock.now();
    const error: unknown = await this.when(promise).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    return { error, tookMs: this.clock.now() - startMs };
  }

  /** The requests that brokers have seen, but for those that open connections and look around. */
  requests(): readonly string[] {
    return this.broker.journal
      .requests()
      .flatMap(({ api, node }) => (api === undefined || QUIET.has(api) ? [] : [`${api} → ${node}`]));
  }

  /** Closes everything; what is wrong afterwards, which should be nothing. */
  async close(): Promise<readonly string[]> {
    await this.when(this.admin.close());
    return this.leftOver();
  }
}

const QUIET: ReadonlySet<string> = new Set(["ApiVersions", "Metadata"]);

/** For the test that calls it: afterwards it is closed, and must leave nothing. */
export async function adminStage(cluster: EmbeddedBrokerOptions = {}, options: AdminOptions = {}): Promise<AdminClientStage> {
  const stage = await AdminClientStage.open(cluster, options);
  onTestFinished(async () => {
    expect(await stage.close()).toEqual([]);
  });
  return stage;
}
