// What members of a mixed group write down, as it happens: one line of JSON for each. Those of all languages write the same.

/** A partition and an offset. */
export type Place = readonly [partition: number, offset: number];

interface Common {
  /** Milliseconds since 1970, by the machine's clock, which all members share; with what is left of a millisecond behind the point. */
  readonly at: number;
}

interface OfMember extends Common {
  readonly member: string;
}

/** What a member was told, in its listener; of `revoked`, when all is done that it does with it. */
interface Told extends OfMember {
  readonly what: "assigned" | "revoked" | "lost";
  readonly partitions: readonly number[];
  /** As far as the client tells it. */
  readonly generation?: number | undefined;
}

/** Handled, in this order. Only then they may be committed. */
interface Read extends OfMember {
  readonly what: "read";
  readonly records: readonly Place[];
}

/** The coordinator has acknowledged it: these are the next offsets to read. */
interface Committed extends OfMember {
  readonly what: "committed";
  readonly offsets: readonly Place[];
}

/** `left`: its consumer is closed. `killed`: its process, by whoever directs the group. */
interface Gone extends OfMember {
  readonly what: "left" | "killed";
}

interface Failed extends OfMember {
  readonly what: "failed";
  readonly error: string;
}

/** Somebody who is no member asks what is committed: those who commit by themselves do not say so. */
interface Asked extends Common {
  readonly what: "asked";
}

/** What he is told. */
interface Stored extends Common {
  readonly what: "stored";
  readonly offsets: readonly Place[];
}

export type Entry = Told | Read | Committed | Gone | Failed | Asked | Stored;
