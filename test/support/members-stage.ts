// Members of a group in a cluster in memory, each with a client of its own.

import { onTestFinished } from "vitest";
import { ClientCore } from "../../src/client/client-core.ts";
import { resolveConsumerConfig } from "../../src/client/config/consumer-config.ts";
import { memoryRuntime } from "./client-runtime.ts";
import { type HeldCluster, HeldStage, heldCluster } from "./held-stage.ts";
import type { MemberGround, MemberOptions, StagedMember } from "./staged-member.ts";

export const TOPIC = "orders";
export const OTHERS = "others";
const GROUP = "readers";

export type OpenMember<M extends StagedMember> = (ground: MemberGround, options: MemberOptions) => M;

export class MembersStage<M extends StagedMember> extends HeldStage {
  readonly members: M[] = [];
  readonly #open: OpenMember<M>;

  private constructor(held: HeldCluster, open: OpenMember<M>) {
    super(held);
    this.#open = open;
  }

  static async open<M extends StagedMember>(open: OpenMember<M>): Promise<MembersStage<M>> {
    const stage = new MembersStage<M>(await heldCluster({ topics: { [TOPIC]: 4, [OTHERS]: 2 } }), open);
    onTestFinished(() => stage.#close());
    return stage;
  }

  /** Joins, and reads from now on. */
  async member(options: Pick<MemberOptions, "name"> & Partial<MemberOptions>): Promise<M> {
    const { clock, when } = this;
    const config = resolveConsumerConfig({ bootstrapServers: this.broker.bootstrapServers, clientId: options.name });
    const client = new ClientCore("consumer", config, memoryRuntime(this.broker, { clock }));
    const { cluster } = await when(client.call("join", {}, (context) => Promise.resolve(context)));
    const member = this.#open({ clock, when, client, cluster }, { groupId: GROUP, topics: [TOPIC], ...options });
    this.members.push(member);
    member.keepReading();
    return member;
  }

  /** How many partitions each member holds. */
  get shares(): readonly number[] {
    return this.members.map(({ partitions }) => partitions.length);
  }

  async #close(): Promise<void> {
    for (const member of this.members) await member.die();
    const wrong = await this.leftOver();
    if (wrong.length > 0) throw new Error(wrong.join("; "));
  }
}
