import type { JournalEntry } from "../../../src/broker/index.ts";
import type { Checker } from "./checker.ts";

const sound: Checker = {
  rule: "the broker itself does not fail",
  watch: (world) => ({
    atRest: () => {
      for (const error of world.broker.failures) world.violate(sound.rule, error.stack ?? error.message);
    },
  }),
};

const understood: Checker = {
  rule: "a broker understands whatever clients send",
  watch: (world) => ({
    onEntry: ({ kind, text = "", connection }) => {
      // How a client tells whether a broker that hangs up on ApiVersions is too old to know them.
      if (text.includes("ListOffsets v0")) return;
      if (kind !== "disconnect" || !/cannot be (decoded|framed)|is not offered|the broker failed/.test(text)) return;
      world.violate(understood.rule, `connection ${connection}: ${text}`);
    },
  }),
};

/**
 * Who waits for the others of his group. When he hangs up, and asks the same again elsewhere, Kafka forgets the first question: it is never
 * answered, and a connection that waits for an answer is not read, so that nobody sees its end.
 */
class Waits {
  readonly #waiting = new Map<number, string>();

  onEntry({ kind, connection = 0, api = "" }: JournalEntry): void {
    if (kind === "response" && this.#waiting.get(connection)?.startsWith(api) === true) this.#waiting.delete(connection);
  }

  /** The connections whose question this entry takes the place of. */
  forgotten({ kind, connection = 0, api, clientId = "" }: JournalEntry): readonly number[] {
    if (kind !== "request" || (api !== "JoinGroup" && api !== "SyncGroup")) return [];
    const question = `${api} of ${clientId}`;
    const before = [...this.#waiting]
      .filter(([other, asked]) => other !== connection && asked === question)
      .map(([other]) => other);
    for (const other of before) this.#waiting.delete(other);
    this.#waiting.set(connection, question);
    return before;
  }
}

const empty: Checker = {
  rule: "no connection is open at a broker after all clients were closed",
  watch: (world) => {
    const open = new Set<number>();
    const waits = new Waits();
    return {
      onEntry: (entry) => {
        const { kind, connection = 0, text = "" } = entry;
        waits.onEntry(entry);
        if (kind === "connect") open.add(connection);
        // A broker that is silent for ever reads no more, and so sees no end either: that is the fault, not the client's doing.
        if (kind === "disconnect" || (kind === "fault" && /never answer|partial frame/.test(text))) open.delete(connection);
        for (const forgotten of waits.forgotten(entry)) open.delete(forgotten);
      },
      atRest: () => {
        if (open.size > 0) world.violate(empty.rule, `connections ${[...open].join(", ")}`);
      },
    };
  },
};

export const brokerSideCheckers: readonly Checker[] = [sound, understood, empty];
