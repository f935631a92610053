import { describe, expect, it } from "vitest";
import { errorByName } from "../../../protocol/index.ts";
import type { PartitionQuestion } from "./asked-partition.ts";
import { epochAfter, FetchSession, type SessionRequest } from "./fetch-session.ts";

const WITH_IDS = { usesSessions: true, usesIds: true };
const WITH_NAMES = { usesSessions: true, usesIds: false };
const WITHOUT = { usesSessions: false, usesIds: true };

type Session = FetchSession<string, PartitionQuestion>;

function question(partition: number, offset = 0, more: Partial<PartitionQuestion> = {}): PartitionQuestion {
  const known = { leaderEpoch: 1, maxBytes: 100, isBehind: false, isFollower: false };
  return { topic: "t", topicId: "id", partition, offset, ...known, ...more };
}

/** With these partitions, as `a`, `b` and so on. */
function sessionOf(...questions: readonly PartitionQuestion[]): Session {
  const session: Session = new FetchSession();
  for (const one of questions) session.want(keyOf(one.partition), one);
  return session;
}

function keyOf(partition: number): string {
  return "abc"[partition] ?? String(partition);
}

/** As `7/2 0@5 1@0 -2`: session, epoch, what is named, what is forgotten. */
function told({ sessionId, sessionEpoch, named, forgotten, isFull }: SessionRequest<PartitionQuestion>): string {
  const places = named.map(({ partition, offset }) => ` ${partition}@${offset}`).join("");
  return `${isFull ? "all " : ""}${sessionId}/${sessionEpoch}${places}${forgotten.map(({ partition }) => ` -${partition}`).join("")}`;
}

function ask(session: Session, options = WITH_IDS, answer: number | undefined = 7): string {
  const request = session.next(options);
  if (answer !== undefined) session.answered(request, answer);
  return told(request);
}

function refuse(session: Session, name: Parameters<typeof errorByName>[0]): string {
  const request = session.next(WITH_IDS);
  session.refused(request, errorByName(name).code);
  return told(request);
}

describe("a fetch session (KIP-227)", () => {
  it("is opened by a request that names everything, and goes on with what is different", () => {
    const session = sessionOf(question(0, 5), question(1));
    expect(ask(session)).toBe("all 0/0 0@5 1@0");
    expect(ask(session)).toBe("7/1");
    session.want("b", question(1, 3));
    expect(ask(session)).toBe("7/2 1@3");
    session.want("c", question(2, 9));
    expect(ask(session)).toBe("7/3 2@9");
    expect(session.size).toBe(3);
  });

  it("F19: tells of partitions that are not wanted any more", () => {
    const session = sessionOf(question(0), question(1));
    ask(session);
    session.drop("a");
    expect(session.size).toBe(1);
    expect(ask(session)).toBe("7/1 -0");
    expect(session.find("id", 0)).toBeUndefined();
    expect(ask(session)).toBe("7/2");
    session.want("a", question(0, 4));
    expect(ask(session)).toBe("7/3 0@4");
  });

  it("does not mention what has gone and come back between two requests, nor what was never asked for", () => {
    const session = sessionOf(question(0));
    ask(session);
    session.drop("a");
    session.want("a", question(0));
    session.want("b", question(1));
    session.drop("b");
    expect(ask(session)).toBe("7/1");
  });

  it("F19: does not forget a partition that was assigned anew meanwhile: brokers drop what is both named and forgotten", () => {
    const session = sessionOf(question(0, 5), question(1));
    ask(session);
    session.drop("a");
    session.want("a again", question(0, 3));
    expect(ask(session)).toBe("7/1 0@3");
    expect(session.find("id", 0)?.offset).toBe(3);
    session.want("b again", question(1));
    session.drop("b");
    expect(ask(session)).toBe("7/2");
    session.drop("b again");
    expect(ask(session)).toBe("7/3 -1");
    expect([session.size, session.find("id", 1)]).toEqual([1, undefined]);
  });

  it.each([
    ["an offset", { offset: 1 }],
    ["a leader epoch", { leaderEpoch: 2 }],
    ["a limit", { maxBytes: 200 }],
  ])("names a partition again for %s", (_, difference) => {
    const session = sessionOf(question(0), question(1));
    ask(session);
    session.want("a", question(0, 0, difference));
    expect(session.next(WITH_IDS).named).toEqual([question(0, 0, difference)]);
  });

  it("does not name one for what only we know of it, and remembers that nevertheless", () => {
    const session = sessionOf(question(0));
    ask(session);
    const same = question(0, 0, { isBehind: true });
    session.want("a", same);
    expect(session.isAnyBehind).toBe(true);
    expect(ask(session)).toBe("7/1");
    expect(session.find("id", 0)).toBe(same);
    session.drop("a");
    expect(session.isAnyBehind).toBe(false);
  });

  it("forgets a topic, and names the one that was made in its place", () => {
    const session = sessionOf(question(0));
    ask(session);
    session.want("a", question(0, 0, { topicId: "other" }));
    const { named, forgotten } = session.next(WITH_IDS);
    expect([named[0]?.topicId, forgotten[0]?.topicId]).toEqual(["other", "id"]);
    expect([session.find("id", 0), session.find("other", 0)?.partition]).toEqual([undefined, 0]);
  });

  it("does not forget it where topics go by their names: the broker would drop both", () => {
    const session = sessionOf(question(0));
    ask(session, WITH_NAMES);
    session.want("a", question(0, 2, { topicId: "other" }));
    expect(ask(session, WITH_NAMES)).toBe("7/1 0@2");
    expect(session.find("t", 0)?.offset).toBe(2);
  });

  it("begins anew, and ends the one before, when names take the place of ids", () => {
    const session = sessionOf(question(0));
    ask(session);
    expect(session.hasIds).toBe(true);
    session.want("b", question(1, 0, { topicId: undefined }));
    expect(session.hasIds).toBe(false);
    expect(ask(session, WITH_NAMES, 8)).toBe("all 7/0 0@0 1@0");
    expect(ask(session, WITH_NAMES, 8)).toBe("8/1");
    session.drop("b");
    expect(session.hasIds).toBe(true);
  });

  it("is asked for again as long as the broker has no room for it", () => {
    const session = sessionOf(question(0));
    expect([ask(session, WITH_IDS, 0), ask(session, WITH_IDS, 7), ask(session)]).toEqual(["all 0/0 0@0", "all 0/0 0@0", "7/1"]);
  });

  it("is over when the broker says so", () => {
    const session = sessionOf(question(0));
    ask(session);
    expect([ask(session, WITH_IDS, 0), ask(session)]).toEqual(["7/1", "all 0/0 0@0"]);
  });

  it("begins anew when the answer is another session's", () => {
    const session = sessionOf(question(0));
    ask(session);
    expect([ask(session, WITH_IDS, 9), ask(session)]).toEqual(["7/1", "all 7/0 0@0"]);
  });

  it("is never asked for where there are none", () => {
    const session = sessionOf(question(0), question(1));
    expect(ask(session, WITHOUT, 0)).toBe("all 0/-1 0@0 1@0");
    session.drop("a");
    expect(ask(session, WITHOUT, 0)).toBe("all 0/-1 1@0");
    expect(session.end()).toBeUndefined();
  });

  it("F17: FETCH_SESSION_ID_NOT_FOUND: it begins anew; at its beginning, there are none", () => {
    const session = sessionOf(question(0));
    ask(session);
    expect(refuse(session, "FETCH_SESSION_ID_NOT_FOUND")).toBe("7/1");
    expect(refuse(session, "FETCH_SESSION_ID_NOT_FOUND")).toBe("all 0/0 0@0");
    expect(ask(session, WITH_IDS, 0)).toBe("all 0/-1 0@0");
    expect(ask(session, WITH_IDS, 0)).toBe("all 0/-1 0@0");
    session.failed();
    expect(ask(session)).toBe("all 0/0 0@0");
  });

  it.each(["INVALID_FETCH_SESSION_EPOCH", "FETCH_SESSION_TOPIC_ID_ERROR", "INCONSISTENT_TOPIC_ID"] as const)(
    "F18: %s: it begins anew, and ends the one before",
    (name) => {
      const session = sessionOf(question(0));
      ask(session);
      expect([refuse(session, name), ask(session, WITH_IDS, 8), ask(session, WITH_IDS, 8)]).toEqual(["7/1", "all 7/0 0@0", "8/1"]);
    },
  );

  it("F20: after any other error, too", () => {
    const session = sessionOf(question(0));
    ask(session);
    expect([refuse(session, "UNKNOWN_SERVER_ERROR"), ask(session)]).toEqual(["7/1", "all 7/0 0@0"]);
  });

  it("begins anew after a request without an answer, with all that is wanted by then", () => {
    const session = sessionOf(question(0), question(1));
    ask(session);
    session.drop("a");
    session.want("b", question(1, 8));
    expect(ask(session, WITH_IDS, undefined)).toBe("7/1 1@8 -0");
    session.failed();
    expect(ask(session)).toBe("all 7/0 1@8");
    expect(session.find("id", 0)).toBeUndefined();
  });

  it("lets everybody have a turn: who got something is named last", () => {
    const session = sessionOf(question(0), question(1), question(2));
    session.served("a");
    expect(ask(session, WITHOUT)).toBe("all 0/-1 1@0 2@0 0@0");
    session.served("b");
    expect(ask(session, WITHOUT)).toBe("all 0/-1 2@0 0@0 1@0");
    session.served("nobody");
    expect(session.size).toBe(3);
  });

  it("S6: is ended by a last epoch, once", () => {
    const session = sessionOf(question(0));
    expect(session.end()).toBeUndefined();
    ask(session);
    expect(session.end()).toEqual({ sessionId: 7, sessionEpoch: -1 });
    expect(session.end()).toBeUndefined();
  });

  it("counts its epochs on from 1 behind the last one", () => {
    expect([1, 2, 0x7fff_fffe, 0x7fff_ffff].map(epochAfter)).toEqual([2, 3, 0x7fff_ffff, 1]);
  });
});
