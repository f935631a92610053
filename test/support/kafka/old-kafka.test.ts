import { describe, expect, it } from "vitest";
import { askOverTcp } from "../ask-over-tcp.ts";
import { RawConnection } from "../raw-connection.ts";
import { areOldKafkasAvailable, startOldKafka } from "./old-kafka.ts";

/** The last line that came with ZooKeeper only; all others that the matrix needs are started alike. */
const VERSION = "2.8.2";
/** The first run on a machine fetches jars. */
const FIRST_RUN_MS = 300_000;

describe.skipIf(!(await areOldKafkasAvailable([VERSION])))("a real Kafka of an older line", () => {
  it("knows itself once it is started, and is gone with its ZooKeeper once it is stopped", { timeout: FIRST_RUN_MS }, async () => {
    const kafka = await startOldKafka(VERSION);
    const { host, port, pids } = kafka;
    try {
      const connection = await RawConnection.open(host, port);
      const { brokers } = await askOverTcp(connection, "Metadata", 1, { topics: [] });
      await connection.close();
      expect(brokers).toMatchObject([{ host, port }]);
      expect(pids).toHaveLength(2);
    } finally {
      await kafka.stop();
      await kafka.stop();
    }
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
    await expect(RawConnection.open(host, port)).rejects.toThrow("ECONNREFUSED");
  });

  it("says what the broker wrote if it cannot start", { timeout: FIRST_RUN_MS }, async () => {
    await expect(startOldKafka(VERSION, { properties: { "num.network.threads": "none" } })).rejects.toThrow(
      /num\.network\.threads/,
    );
  });
});
