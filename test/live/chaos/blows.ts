import type { ClusterNode } from "../../support/kafka/cluster-node.ts";

/** Something that befalls one node, and can be made good again. */
export interface Blow {
  readonly name: string;
  readonly strike: (node: ClusterNode) => void | Promise<void>;
  readonly undo: (node: ClusterNode) => Promise<void>;
}

const heal = (node: ClusterNode): Promise<void> => node.proxy.heal();
const restart = (node: ClusterNode): Promise<void> => node.restart();

const SLOW_MS = 300;
const SLOW_BYTES_PER_SECOND = 20_000;

type BlowName = "kill" | "freeze" | "terminate" | "cut" | "reset" | "blackHole" | "deaf" | "refuse" | "slow";

export const BLOWS: Readonly<Record<BlowName, Blow>> = {
  kill: { name: "killed", strike: (node) => node.kill(), undo: restart },
  freeze: {
    name: "frozen",
    strike: (node) => node.freeze(),
    undo: async (node) => node.continue(),
  },
  terminate: { name: "shut down and restarted", strike: (node) => node.terminate(), undo: restart },
  cut: { name: "its connections cut", strike: (node) => node.proxy.cut(), undo: heal },
  reset: { name: "its connections reset", strike: (node) => node.proxy.reset(), undo: heal },
  blackHole: { name: "swallowed by the network", strike: (node) => node.proxy.blackHole(), undo: heal },
  deaf: { name: "its answers lost", strike: (node) => node.proxy.blackHole("toClient"), undo: heal },
  refuse: { name: "cut and refusing", strike: cutOff, undo: heal },
  slow: { name: "slowed down", strike: slowDown, undo: heal },
};

function cutOff({ proxy }: ClusterNode): void {
  proxy.refuse();
  proxy.cut();
}

function slowDown({ proxy }: ClusterNode): void {
  proxy.delay(SLOW_MS);
  proxy.throttle(SLOW_BYTES_PER_SECOND, "toClient");
}
