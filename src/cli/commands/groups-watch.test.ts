import { describe, expect, it } from "vitest";
import { commandStage } from "../../../test/support/command-stage.ts";
import { Consumer } from "../../index.ts";
import { OK, WRONG_USAGE } from "../command.ts";
import { groups } from "./groups.ts";

const stage = commandStage(groups, { topics: { orders: 2 } });

describe("kafkawire groups watch, as a process", () => {
  it("shows who comes and goes until Ctrl-C, which is a good end", async () => {
    const { bootstrapServers } = stage.broker;
    const started = stage.start("watch", "watched", "--interval", "0.05");
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
    const { code, complaints } = await stage.run(...parameters);
    expect([code, complaints]).toEqual([WRONG_USAGE, expect.stringContaining(problem)]);
  });
});
