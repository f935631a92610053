import { describe, expect, test } from "vitest";
import { UnsupportedVersionError } from "../../../src/protocol/index.ts";
import { exceptions } from "../exceptions.ts";
import type { BrokerKind, BrokerUnderTest } from "./broker-under-test.ts";
import type { Capability } from "./cannot-do.ts";
import type { Contract } from "./contract.ts";
import { play } from "./play.ts";

function brokerOf(release: string, kind: BrokerKind = "kafka"): BrokerUnderTest {
  return { kind, release, description: `Kafka ${release}`, bootstrapServers: "127.0.0.1:1", stop: async () => {} };
}

function contractThat(problem: Error | undefined, needs: readonly Capability[] = [], chapter = "Chapter", name = "name"): Contract {
  const show = async (): Promise<void> => {
    if (problem !== undefined) throw problem;
  };
  return { chapter, name, needs, show };
}

const refusal = new UnsupportedVersionError("brokers before 2.3 cannot");
const wrong = new Error("1 is not 2");

describe("a contract", () => {
  test("that is kept has passed, one that is not has failed", async () => {
    expect(await play(contractThat(undefined), brokerOf("4.3"))).toEqual({ result: "passed" });
    expect(await play(contractThat(wrong), brokerOf("4.3"))).toEqual({ result: "failed", error: wrong });
    expect(await play(contractThat(refusal), brokerOf("4.3"))).toEqual({ result: "failed", error: refusal });
  });

  test("that the release cannot keep must be refused by the client, not merely go wrong", async () => {
    const needs = ["single settings altered"] as const;
    expect(await play(contractThat(refusal, needs), brokerOf("2.2"))).toMatchObject({
      result: "cannot",
      reason: expect.stringContaining("KIP-339"),
    });
    expect(await play(contractThat(wrong, needs), brokerOf("2.2"))).toEqual({ result: "failed", error: wrong });
    expect(await play(contractThat(refusal, needs), brokerOf("2.3"))).toMatchObject({ result: "failed" });
  });

  test("that a release keeps although it is listed as unable to shows that the list is wrong", async () => {
    for (const needs of [["single settings altered"], ["topic ids"]] as const) {
      const outcome = await play(contractThat(undefined, needs), brokerOf("2.2"));
      expect(outcome).toMatchObject({ result: "failed", error: { message: expect.stringContaining("cannot-do.ts") } });
    }
  });

  test("with an exception that is not needed has failed", async () => {
    const [exception] = exceptions;
    if (exception === undefined) throw new Error("there is no exception to try");
    const [chapter = "", name = ""] = exception.contract.split(": ");
    const broker = brokerOf("4.3", exception.broker);
    expect(await play(contractThat(wrong, [], chapter, name), broker)).toEqual({ result: "excepted", reason: exception.reason });
    const kept = await play(contractThat(undefined, [], chapter, name), broker);
    expect(kept).toMatchObject({ result: "failed", error: { message: expect.stringContaining("needs no exception") } });
  });
});
