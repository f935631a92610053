/** Where a run takes place: a cluster, its members, and what befalls them. */
import type { Runtime } from "../../src/client/runtime.ts";
import type { Dice } from "../simulation/world/dice.ts";
import type { EtlTiming, EtlTopic, MemberPlan, MemberReport } from "./etl-plan.ts";

export interface RunningMember {
  readonly plan: MemberPlan;
  /** Resolves when it has finished what it has in hand, and left. */
  leave(): Promise<MemberReport>;
  /** Without a word to anybody. What it would have told is lost with it, perhaps. */
  die(): Promise<MemberReport | undefined>;
  /** Nothing of it moves for so long, and then it goes on as if nothing had happened. */
  freeze(ms: number): void;
  /** Its work takes so long, while it is alive. */
  stall(ms: number): void;
}

export interface EtlGround {
  readonly bootstrapServers: string;
  readonly runtime: Runtime;
  readonly timing: EtlTiming;
  readonly replicationFactor: number;
  /** How long to wait for records before something else happens to members. */
  readonly patienceMs: number;
  /** When nothing has come for so long, nothing comes any more. */
  readonly hopelessMs: number;
  begin(plan: MemberPlan): RunningMember;
  /** Something befalls the cluster. Resolves when it is over, to what it was. */
  strike(topics: readonly EtlTopic[], dice: Dice): Promise<string>;
}
