import { describe, expect, it } from "vitest";
import { MalformedMessageError } from "../malformed-message-error.ts";
import { ZERO_UUID } from "../wire/uuid.ts";
import { decodeControlRecordValue } from "./control-record-value.ts";

function decoded(type: string, hex: string): unknown {
  return decodeControlRecordValue(type, Buffer.from(hex, "hex"));
}

describe("the value of a control record", () => {
  it.each(["ABORT", "COMMIT"])("of type %s tells the epoch of the coordinator, behind a version", (type) => {
    // Made by Kafka 4.4's EndTransactionMarker with coordinator epoch 9.
    expect(decoded(type, "000000000009")).toEqual({ type, version: 0, coordinatorEpoch: 9 });
  });

  it("of a leader change has directory ids from version 1 on, and the value says its version", () => {
    expect(decoded("LEADER_CHANGE", "0000000000010200000002000100")).toEqual({
      type: "LEADER_CHANGE",
      version: 0,
      leaderId: 1,
      voters: [{ voterId: 2, voterDirectoryId: ZERO_UUID }],
      grantingVoters: [],
    });
    expect(decoded("LEADER_CHANGE", "0001000000010200000002000102030405060708090a0b0c0d0e0f000100")).toMatchObject({
      version: 1,
      voters: [{ voterId: 2, voterDirectoryId: "AAECAwQFBgcICQoLDA0ODw" }],
    });
  });

  it("of the other types of KRaft's log is read too", () => {
    // Made by Kafka 4.4's message classes.
    expect(decoded("SNAPSHOT_HEADER", "0000000000000000000000")).toMatchObject({ lastContainedLogTimestamp: 0 });
    expect(decoded("SNAPSHOT_FOOTER", "000000")).toEqual({ type: "SNAPSHOT_FOOTER", version: 0 });
    expect(decoded("KRAFT_VERSION", "0000000000")).toMatchObject({ kRaftVersion: 0 });
    expect(decoded("KRAFT_VOTERS", "00000100")).toMatchObject({ voters: [] });
  });

  it("of a type that nobody knows yet is undefined, because readers skip it", () => {
    expect(decoded("UNKNOWN", "00")).toBeUndefined();
  });

  it.each([
    ["COMMIT", "0000000000"],
    ["LEADER_CHANGE", "00"],
    ["LEADER_CHANGE", "0001000000010200000002000100"],
    ["KRAFT_VERSION", "000000000000"],
  ])("that is cut off or too long is refused (%s %s)", (type, hex) => {
    expect(() => decoded(type, hex)).toThrow(MalformedMessageError);
  });
});
