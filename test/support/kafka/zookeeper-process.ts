// A ZooKeeper for one broker of the time before KRaft.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { RawConnection } from "../raw-connection.ts";
import type { JvmProcess } from "./jvm-process.ts";
import { propertiesText } from "./node-properties.ts";

export const ZOOKEEPER_MAIN = "org.apache.zookeeper.server.quorum.QuorumPeerMain";
/** Versions 3.4 ask for log4j's classes otherwise, which are not there. */
export const WITHOUT_LOG4J = "-Dzookeeper.jmx.log4j.disable=true";

const RETRY_MS = 20;

/** Writes its configuration into `folder`; the path of the file is what its main class takes. */
export function zooKeeperConfig(folder: string, host: string, port: number): string {
  const dataDir = join(folder, "zookeeper");
  mkdirSync(dataDir);
  const properties = {
    tickTime: "500",
    dataDir,
    clientPort: String(port),
    clientPortAddress: host,
    maxClientCnxns: "0",
    "admin.enableServer": "false",
  };
  const file = join(folder, "zoo.cfg");
  writeFileSync(file, propertiesText(properties));
  return file;
}

/** Resolves when it listens: a broker that finds no ZooKeeper gives up. */
export async function untilListening(jvm: JvmProcess, host: string, port: number, deadlineMs: number): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  let ended: string | undefined;
  void jvm.exited.then((how) => {
    ended = how;
  });
  for (;;) {
    try {
      const connection = await RawConnection.open(host, port);
      await connection.close();
      return;
    } catch (error) {
      if (ended !== undefined) throw new Error(`ZooKeeper ended (${ended})\n${jvm.output()}`, { cause: error });
      if (Date.now() > deadline) throw error;
    }
    await pause(RETRY_MS);
  }
}
