// Coming, staying and going.

import assert from "node:assert/strict";
import { BootstrapError } from "../../../../src/index.ts";
import { releases } from "../../../../src/protocol/index.ts";
import { reservePort } from "../../../support/kafka/ports.ts";
import { type Chapter, chapter } from "../contract.ts";
import { refused } from "../refusal.ts";

/** Of this process; an embedded broker's are among them. */
function openSockets(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === "TCPSocketWrap").length;
}

export const connections: Chapter = chapter("Connections", ({ contract }) => {
  contract("a client connects with its first call", async (stage) => {
    const admin = stage.newAdmin();
    assert.ok(Array.isArray(await admin.listTopics()));
  });

  contract("where nobody listens, the error names every address and why", async (stage) => {
    const [one, two] = [await reservePort(), await reservePort()];
    try {
      const addresses = [one, two].map(({ port }) => `127.0.0.1:${port}`);
      const admin = stage.newAdmin({ bootstrapServers: addresses, bootstrapTimeoutMs: 2000 });
      const error = await refused("BOOTSTRAP", admin.listTopics());
      assert.ok(error instanceof BootstrapError);
      for (const address of addresses) assert.ok(error.message.includes(address), error.message);
      assert.ok(error.message.includes("ECONNREFUSED"), error.message);
    } finally {
      one.release();
      two.release();
    }
  });

  contract("one bootstrap server that answers is enough", async (stage) => {
    const closed = await reservePort();
    try {
      const admin = stage.newAdmin({ bootstrapServers: `127.0.0.1:${closed.port},${stage.bootstrapServers}` });
      assert.ok(Array.isArray(await admin.listTopics()));
    } finally {
      closed.release();
    }
  });

  contract("two clients at once do not get in each other's way", async (stage) => {
    const [one, two] = [stage.newAdmin({ clientId: "one" }), stage.newAdmin({ clientId: "two" })];
    const name = await stage.topic();
    const [first, second] = await Promise.all([one.describeTopics([name]), two.describeTopics([name])]);
    assert.deepEqual(first, second);
    await one.close();
    assert.deepEqual(await two.describeTopics([name]), second);
  });

  contract("calls at once get each its own answer", async (stage) => {
    const names = await Promise.all(Array.from({ length: 5 }, () => stage.topic()));
    const asked = Array.from({ length: 50 }, (_, i) => names[i % names.length] ?? "");
    const answers = await Promise.all(asked.map((name) => stage.admin.describeTopics([name])));
    assert.deepEqual(
      answers.map(([topic]) => topic?.name),
      asked,
    );
  });

  contract("a call that is given up ends with the reason, and the client goes on", async (stage) => {
    const reason = new Error("changed my mind");
    await assert.rejects(stage.admin.listTopics({ signal: AbortSignal.abort(reason) }), reason);
    const controller = new AbortController();
    const call = stage.admin.listTopics({ signal: controller.signal });
    controller.abort(reason);
    await assert.rejects(call, reason);
    assert.ok(Array.isArray(await stage.admin.listTopics()));
  });

  contract("a closed client refuses every call, and may be closed again", async (stage) => {
    const admin = stage.newAdmin();
    await admin.listTopics();
    await admin.close();
    await admin.close();
    await refused("CLOSED", admin.listTopics());
    await refused("CLOSED", admin.createTopics([{ name: stage.uniqueName(), numPartitions: 1, replicationFactor: 1 }]));
  });

  contract("a closed client leaves no connection behind", async (stage) => {
    const untilNone = (): Promise<void> => stage.eventually(async () => assert.equal(openSockets(), 0));
    await untilNone();
    const admin = stage.newAdmin();
    await Promise.all([admin.listTopics(), admin.describeCluster(), admin.describeApiVersions()]);
    assert.ok(openSockets() > 0);
    await admin.close();
    await untilNone();
  });

  contract("a client that was never used is closed without a word", async (stage) => {
    const admin = stage.newAdmin();
    await admin.close();
    await refused("CLOSED", admin.listTopics());
  });

  contract("calls that are under way when the client is closed end", async (stage) => {
    const admin = stage.newAdmin();
    await admin.listTopics();
    const calls = Array.from({ length: 10 }, () => admin.listTopics());
    await admin.close();
    for (const ended of await Promise.allSettled(calls)) {
      if (ended.status === "rejected") assert.equal(ended.reason.code, "CLOSED");
    }
  });

  contract("a client that takes the broker for what it is gets along without asking", async (stage) => {
    const apiVersion = releases.find((release) => release === stage.broker.release);
    assert.ok(apiVersion !== undefined);
    const admin = stage.newAdmin({ apiVersion });
    const name = stage.uniqueName();
    await admin.createTopics([{ name, numPartitions: 1, replicationFactor: 1 }]);
    await stage.eventually(async () => assert.equal((await admin.listTopics()).includes(name), true));
  });

  contract("a client that takes the broker for an older one gets along", async (stage) => {
    // The oldest that speaks versions which every release of the matrix still has.
    const admin = stage.newAdmin({ apiVersion: stage.broker.release.startsWith("4.") ? "2.1" : "0.11" });
    const name = stage.uniqueName();
    await admin.createTopics([{ name, numPartitions: 1, replicationFactor: 1 }]);
    await stage.eventually(async () => assert.equal((await admin.listTopics()).includes(name), true));
  });
});
