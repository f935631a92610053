import { describe, expect, it } from "vitest";
import { type ErrorName, errorByName } from "../../../protocol/index.ts";
import { BrokerError } from "../../errors.ts";
import type { ShareMemberEffect, ShareMemberEvent, ShareMemberRules, ShareMemberState } from "./share-member-state.ts";
import { OUTSIDE, shareMemberDueMs, shareMemberStep } from "./share-member-step.ts";

const NOW = 100_000;
const MAX_POLL_MS = 300_000;
const rules: ShareMemberRules = { maxPollIntervalMs: MAX_POLL_MS, backoffMs: (failures) => 100 * failures };

const beat = { dueAtMs: NOW + 2_000, isUnderWay: false, failures: 0 };
const member: ShareMemberState = { name: "MEMBER", epoch: 3, beat, tellsTopics: false };
const beating: ShareMemberState = { ...member, beat: { ...beat, isUnderWay: true } };
const joining: ShareMemberState = { ...beating, epoch: 0 };
const leaving: ShareMemberState = { name: "LEAVING" };

const refused = (name: ErrorName): ShareMemberEvent => ({
  kind: "refused",
  error: new BrokerError(errorByName(name).code, { api: "ShareGroupHeartbeat" }),
});
const answered = (epoch: number, intervalMs = 5_000): ShareMemberEvent => ({ kind: "answered", epoch, intervalMs });

function said(effect: ShareMemberEffect): string {
  return effect.kind === "beat" ? `beat ${effect.epoch}${effect.topics ? " topics" : ""}` : effect.kind;
}

const happens = (state: ShareMemberState, event: ShareMemberEvent, now = NOW): readonly string[] => {
  const step = shareMemberStep(state, event, now, rules);
  return [step.state.name, ...step.effects.map(said)];
};

describe("a member of a share group", () => {
  it("joins when somebody polls, with epoch 0 and its topics", () => {
    expect(happens(OUTSIDE, { kind: "wanted" })).toEqual(["MEMBER", "beat 0 topics"]);
    expect(happens(OUTSIDE, { kind: "subscribed" })).toEqual(["OUT"]);
  });

  it("takes epoch and interval from the answer, and beats again when that is over, without its topics", () => {
    const { state } = shareMemberStep(joining, answered(7), NOW, rules);
    expect(state).toMatchObject({ epoch: 7, beat: { dueAtMs: NOW + 5_000, isUnderWay: false } });
    expect(happens(state, { kind: "time", polledAtMs: NOW }, NOW + 4_999)).toEqual(["MEMBER"]);
    expect(happens(state, { kind: "time", polledAtMs: NOW }, NOW + 5_000)).toEqual(["MEMBER", "beat 7"]);
  });

  it("G29: is not driven to beat without pause, nor back to an older epoch", () => {
    expect(shareMemberStep(beating, answered(4, 0), NOW, rules).state).toMatchObject({ beat: { dueAtMs: NOW + 100 } });
    expect(shareMemberStep(beating, answered(2), NOW, rules).state).toMatchObject({ epoch: 3, tellsTopics: true });
  });

  it("tells other topics at once, or as soon as what is on its way is answered", () => {
    expect(happens(member, { kind: "subscribed" })).toEqual(["MEMBER", "beat 3 topics"]);
    const { state, effects } = shareMemberStep(beating, { kind: "subscribed" }, NOW, rules);
    expect(effects).toEqual([]);
    expect(happens(state, answered(3))).toEqual(["MEMBER", "beat 3 topics"]);
  });

  it("G24: who is not known any more forgets what was assigned, and joins again at once", () => {
    for (const error of ["FENCED_MEMBER_EPOCH", "UNKNOWN_MEMBER_ID"] as const) {
      expect(happens(beating, refused(error))).toEqual(["MEMBER", "forget", "beat 0 topics"]);
    }
  });

  it("G24: who is not even let in waits before it tries again", () => {
    const { state, effects } = shareMemberStep(joining, refused("UNKNOWN_MEMBER_ID"), NOW, rules);
    expect([effects, state]).toEqual([[], expect.objectContaining({ beat: expect.objectContaining({ dueAtMs: NOW + 100 }) })]);
  });

  it("G32: an unanswered heartbeat is followed by one that says everything, later with each", () => {
    const first = shareMemberStep(beating, { kind: "unanswered" }, NOW, rules).state;
    expect(first).toMatchObject({ beat: { dueAtMs: NOW + 100, failures: 1 } });
    expect(happens(first, { kind: "time", polledAtMs: NOW }, NOW + 100)).toEqual(["MEMBER", "beat 3 topics"]);
    const second = shareMemberStep(first, { kind: "unanswered" }, NOW, rules).state;
    expect(second).toMatchObject({ beat: { dueAtMs: NOW + 200, failures: 2 } });
    expect(happens(second, { kind: "subscribed" })).toEqual(["MEMBER"]);
  });

  it("what a coordinator is about to mend is tried again, and what does not mend itself is told to every poll", () => {
    expect(happens(beating, refused("COORDINATOR_LOAD_IN_PROGRESS"))).toEqual(["MEMBER"]);
    expect(happens(beating, refused("TOPIC_AUTHORIZATION_FAILED"))).toEqual(["MEMBER", "raise"]);
    const dead = shareMemberStep(beating, refused("GROUP_AUTHORIZATION_FAILED"), NOW, rules);
    expect([dead.state.name, ...dead.effects.map(said)]).toEqual(["DEAD", "forget", "raise"]);
    expect(happens(dead.state, { kind: "wanted" })).toEqual(["DEAD", "raise"]);
    expect(happens(dead.state, { kind: "leave" })).toEqual(["OUT"]);
  });

  it("G11: leaves when nobody polls for too long, and the next poll joins again", () => {
    const away = { kind: "time", polledAtMs: NOW - MAX_POLL_MS } as const;
    expect(happens(beating, away)).toEqual(["LEAVING", "forget", "away", "leave"]);
    expect(happens(leaving, { kind: "wanted" })).toEqual(["LEAVING"]);
    expect(happens(leaving, { kind: "left" })).toEqual(["OUT"]);
  });

  it("leaves when it is told to, and answers that come then change nothing", () => {
    expect(happens(beating, { kind: "leave" })).toEqual(["LEAVING", "forget", "leave"]);
    expect(happens(leaving, answered(5))).toEqual(["LEAVING"]);
    expect(happens(leaving, refused("UNKNOWN_MEMBER_ID"))).toEqual(["LEAVING"]);
    expect(happens(OUTSIDE, { kind: "leave" })).toEqual(["OUT"]);
  });

  it("is looked at again when its heartbeat is due, or the poll interval over", () => {
    expect(shareMemberDueMs(member, NOW, rules)).toBe(NOW + 2_000);
    expect(shareMemberDueMs(beating, NOW, rules)).toBe(NOW + MAX_POLL_MS);
    expect(shareMemberDueMs(OUTSIDE, NOW, rules)).toBe(Number.POSITIVE_INFINITY);
  });
});
