import { messageTargets } from "./message-targets.ts";
import { recordTargets } from "./record-targets.ts";
import { saslTargets } from "./sasl-targets.ts";
import type { Target } from "./target.ts";

/** Everything that reads bytes which came over the network. */
export const targets: readonly Target[] = [...messageTargets, ...recordTargets, ...saslTargets];
