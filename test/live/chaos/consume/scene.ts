// What happened to a partition around a moment, for whoever has to find out why.

import type { GroupHistory, MemberEvent, MemberLife, PartitionName } from "./history.ts";

interface Line {
  readonly atMs: number;
  readonly text: string;
}

/** What was handed out, or done, without anything in between. */
interface Stretch {
  readonly atMs: number;
  readonly first: number;
  last: number;
  untilMs: number;
}

const BEFORE_MS = 60_000;
const AFTER_MS = 10_000;
const MOST_BEFORE = 30;
const MOST_AFTER = 10;

/** The members, what they were handed and have done of it, and what was committed, in the order of time. */
export function sceneAround({ lives, commits }: GroupHistory, partition: PartitionName, atMs: number): readonly string[] {
  const stored = (commits.get(partition) ?? []).map((one): Line => ({ atMs: one.atMs, text: `${one.offset} is committed` }));
  const lines = [...lives.flatMap((life) => linesOf(life, partition, atMs)), ...stored]
    .filter((line) => line.atMs >= atMs - BEFORE_MS && line.atMs <= atMs + AFTER_MS)
    .sort((one, other) => one.atMs - other.atMs);
  const before = lines.filter((line) => line.atMs <= atMs).slice(-MOST_BEFORE);
  const after = lines.filter((line) => line.atMs > atMs).slice(0, MOST_AFTER);
  const told = [...before, ...after].map((line) => `${signed(line.atMs - atMs)} ms ${line.text}`);
  return [`${partition} at ${new Date(atMs).toISOString()}`, ...told];
}

function linesOf({ member, manner, events }: MemberLife, partition: PartitionName, momentMs: number): readonly Line[] {
  const lines: Line[] = [];
  const stretches = new Map<MemberEvent["kind"], Stretch>();
  const tell = (atMs: number, what: string): number => lines.push({ atMs, text: `${member} (${manner}) ${what}` });
  const end = (kind: MemberEvent["kind"]): void => {
    const stretch = stretches.get(kind);
    stretches.delete(kind);
    if (stretch === undefined) return;
    const { atMs, first, last, untilMs } = stretch;
    tell(atMs, `${kind} ${first} to ${last}${untilMs > atMs ? `, until ${signed(untilMs - momentMs)} ms` : ""}`);
  };
  for (const event of events) {
    if (event.kind === "wrong") continue;
    const { atMs } = event;
    if ("partitions" in event) {
      if (!event.partitions.includes(partition)) continue;
      end("handed");
      end("done");
      tell(atMs, event.kind);
    } else if (event.partition !== partition) continue;
    else if (event.kind === "acknowledged") tell(atMs, `is told that ${event.offset} is committed`);
    else {
      const { kind, first, last } = event;
      const stretch = stretches.get(kind);
      // What is told of begins a line of its own.
      const isNext = stretch?.last === first - 1 && stretch.untilMs < momentMs === atMs < momentMs;
      if (stretch !== undefined && isNext) Object.assign(stretch, { last, untilMs: atMs });
      else {
        end(kind);
        stretches.set(kind, { atMs, first, last, untilMs: atMs });
      }
    }
  }
  end("handed");
  end("done");
  return lines;
}

function signed(ms: number): string {
  return ms < 0 ? String(ms) : `+${ms}`;
}
