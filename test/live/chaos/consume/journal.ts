// What members write down while they live, a line at a time: whoever is killed has written everything that he has seen.

import { openSync, writeSync } from "node:fs";
import type { MemberEvent, MemberLife } from "./history.ts";

/** The first thing that a member writes. */
interface JournalBeginning {
  readonly kind: "began";
  readonly group: string;
  readonly lanes: number;
  readonly manner: string;
}

/** Something that may happen, and is counted. */
interface Note {
  readonly kind: "noted";
  readonly what: string;
}

type Entry = JournalBeginning | MemberEvent | Note;

export class Journal {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, "a");
  }

  /** In the file when it returns. */
  write(member: string, entry: Entry): void {
    writeSync(this.#file, `${JSON.stringify([member, entry])}\n`);
  }
}

interface JournalledLife extends MemberLife {
  readonly group: string;
}

interface MemberNote {
  readonly member: string;
  readonly what: string;
}

export interface ReadJournal {
  readonly lives: readonly JournalledLife[];
  readonly notes: readonly MemberNote[];
}

/** @param text of the whole file; a last line without an end is one that was being written when its writer was killed */
export function readJournal(text: string): ReadJournal {
  const lives = new Map<string, { member: string; group: string; lanes: number; manner: string; events: MemberEvent[] }>();
  const notes: MemberNote[] = [];
  for (const line of text.split("\n").slice(0, -1)) {
    const [member, entry]: [string, Entry] = JSON.parse(line);
    if (entry.kind === "began") {
      const { group, lanes, manner } = entry;
      lives.set(member, { member, group, lanes, manner, events: [] });
    } else if (entry.kind === "noted") notes.push({ member, what: entry.what });
    else lives.get(member)?.events.push(entry);
  }
  return { lives: [...lives.values()], notes };
}
