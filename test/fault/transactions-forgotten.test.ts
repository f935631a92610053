// Kafka before 2.4 forgets a producer when its last record has left the log for its age. The faults are numbered as in the fault list.

import { describe, expect, it } from "vitest";
import { type ProduceRequest, readBatches } from "../../src/protocol/index.ts";
import { codeNamed } from "../support/producer-stage.ts";
import { type TransactionalStage, transactionalStage } from "../support/transactional-stage.ts";

/** The leader of partition 0 as those releases are, instead of the embedded broker, which remembers. */
class ForgetfulLeader {
  /** As `epoch/sequence value`. */
  readonly written: string[] = [];
  #expected: number | undefined = 0;
  #end = 0;
  #start = 0;

  constructor({ broker }: TransactionalStage) {
    broker.faults.on("Produce", (request) => {
      const { topicData } = request as unknown as ProduceRequest;
      const responses = topicData.map(({ name, partitionData: [asked] }) => ({
        name,
        partitionResponses: [this.#append(asked?.records ?? new Uint8Array())],
      }));
      return { responses, throttleTimeMs: 0 };
    });
  }

  /** All that was written is deleted, or only some of it. */
  forget(start = this.#end): void {
    this.#expected = undefined;
    this.#start = start;
  }

  #append(records: Uint8Array): object {
    const answer = { index: 0, errorCode: 0, baseOffset: this.#end, logAppendTimeMs: -1, logStartOffset: this.#start };
    for (const batch of readBatches(records)) {
      const isUnknown = this.#expected === undefined && batch.baseSequence !== 0;
      const error = isUnknown ? "UNKNOWN_PRODUCER_ID" : "OUT_OF_ORDER_SEQUENCE_NUMBER";
      if (batch.baseSequence !== (this.#expected ?? 0)) return { ...answer, errorCode: codeNamed(error), baseOffset: -1 };
      const values = batch.records().map(({ value }) => Buffer.from(value ?? []).toString());
      this.written.push(`${batch.producerEpoch}/${batch.baseSequence} ${values.join(" ")}`);
      this.#expected = batch.baseSequence + values.length;
      this.#end += values.length;
    }
    return answer;
  }
}

describe("P10: UNKNOWN_PRODUCER_ID in a transaction", () => {
  it.each(["1.0", "2.3"] as const)(
    "%s: when all that was acknowledged has left the log: it counts from 0 again, and the transaction goes on",
    async (asVersion) => {
      const stage = await transactionalStage({ asVersion }, { batchSize: 0 });
      const leader = new ForgetfulLeader(stage);
      await stage.begun();
      for (const value of ["a", "b"]) await stage.when(stage.send(value));
      await stage.when(stage.producer.commitTransaction());
      leader.forget();
      stage.producer.beginTransaction();
      const sent = ["c", "d", "e", "f", "g"].map((value) => stage.send(value));
      await stage.when(stage.producer.commitTransaction());
      expect(await stage.when(Promise.all(sent))).toMatchObject([2, 3, 4, 5, 6].map((offset) => ({ offset })));
      await stage.goesOn("h");
      expect(leader.written).toEqual(["0/0 a", "0/1 b", "0/0 c", "0/1 d", "0/2 e", "0/3 f", "0/4 g", "0/5 h"]);
      expect(stage.requests("InitProducerId")).toHaveLength(1);
    },
  );

  it("when some of it is still there, records are missing: no other epoch can be had, and the producer can only be closed", async () => {
    const stage = await transactionalStage({ asVersion: "2.3" }, { batchSize: 0 });
    const leader = new ForgetfulLeader(stage);
    await stage.begun();
    for (const value of ["a", "b"]) await stage.when(stage.send(value));
    await stage.when(stage.producer.commitTransaction());
    leader.forget(1);
    stage.producer.beginTransaction();
    expect(await stage.refusalOf(stage.send("c"))).toMatchObject({ code: "UNKNOWN_PRODUCER_ID", severity: "fatal" });
    expect(leader.written).toEqual(["0/0 a", "0/1 b"]);
  });
});
