import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { outcomeOf } from "../../../test/support/command-run.ts";
import { StartedCommand } from "../../../test/support/started-command.ts";
import { EmbeddedBroker } from "../../broker/index.ts";
import { Consumer } from "../../index.ts";
import { OK, WRONG_USAGE } from "../command.ts";
import { groups } from "./groups.ts";

let broker: EmbeddedBroker;

beforeAll(async () => {
  broker = await EmbeddedBroker.start({ topics: { orders: 2 } });
});

afterAll(async () => {
  await broker.close();
});

describe("kafkawire groups watch, as a process", () => {
  it("shows who comes and goes until Ctrl-C, which is a good end", async () => {
    const { bootstrapServers } = broker;
    const started = new StartedCommand("groups", "watch", "watched", "-b", bootstrapServers, "--interval", "0.05");
    await started.says(/^there is no group 'watched' yet$/m);
    await using member = new Consumer({ bootstrapServers, groupId: "watched", clientId: "a-reader" });
    member.subscribe("orders");
    while (member.assignment().length === 0) await member.poll({ timeoutMs: 50 });
    await started.says(/a-reader/);
    // A group that has committed nothing is gone with its last member.
    await member.commit([{ topic: "orders", partition: 0, offset: 0 }]);
    await member.close();
    await started.says(/ {2}a-reader left$/m);
    started.child.kill("SIGINT");
    expect([await started.exited, started.stderr]).toEqual([[OK, null], ""]);
  });

  it.each([
    [["watch"], "say which group"],
    [["watch", "g", "h"], "one group at a time"],
    [["watch", "g", "--interval", "often"], "--interval takes seconds"],
    [["watch", "g", "--interval", "0"], "--interval takes seconds"],
  ])("explains how it is used after: groups %j", async (parameters, problem) => {
    const { code, complaints } = await outcomeOf(groups, [...parameters, "-b", broker.bootstrapServers]);
    expect([code, complaints]).toEqual([WRONG_USAGE, expect.stringContaining(problem)]);
  });
});
