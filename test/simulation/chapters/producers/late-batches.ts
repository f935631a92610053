import { isSince, type KafkaRelease } from "../../../../src/protocol/index.ts";
import type { World } from "../../world/world.ts";

/** From it on, leaders ask the coordinator whether a batch's transaction is still open (KIP-890). */
const FIRST_RELEASE_THAT_VERIFIES: KafkaRelease = "3.6";

/**
 * Before, a batch that the network has kept until its transaction was aborted becomes part of the next one, or of one that nobody ends,
 * whatever a client does: the leader has not heard of the new epoch yet.
 */
export function takesLateBatches({ scenario }: World): boolean {
  return !isSince(scenario.release, FIRST_RELEASE_THAT_VERIFIES);
}
