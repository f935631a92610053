import { describe, expect, it } from "vitest";
import { ShareSession } from "./share-session.ts";

const places = (...partitions: readonly number[]) => partitions.map((partition) => ({ topicId: "topic", partition }));
const numbers = (of: readonly { readonly partition: number }[]) => of.map(({ partition }) => partition);

function said(session: ShareSession, ...wanted: readonly number[]): readonly (readonly number[])[] {
  const { named, forgotten } = session.changes(places(...wanted));
  return [numbers(named), numbers(forgotten)];
}

describe("a share session", () => {
  it("names what is new, forgets what is not wanted any more, and says nothing of the rest", () => {
    const session = new ShareSession();
    expect([said(session, 0, 1), said(session, 0, 1), said(session, 1, 2)]).toEqual([
      [[0, 1], []],
      [[], []],
      [[2], [0]],
    ]);
  });

  it("is opened by epoch 0, and counts from 1, past 0 when numbers run out", () => {
    const session = new ShareSession();
    expect([session.epoch, session.isNew]).toEqual([0, true]);
    session.answered();
    expect([session.epoch, session.isNew]).toEqual([1, false]);
  });

  it("names everything anew in its next life", () => {
    const session = new ShareSession();
    said(session, 0, 1);
    session.answered();
    session.restart();
    expect([session.epoch, session.life, said(session, 1)]).toEqual([0, 1, [[1], []]]);
  });
});
