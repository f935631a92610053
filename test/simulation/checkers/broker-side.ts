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

const empty: Checker = {
  rule: "no connection is open at a broker after all clients were closed",
  watch: (world) => {
    const open = new Set<number>();
    return {
      onEntry: ({ kind, connection = 0, text = "" }) => {
        if (kind === "connect") open.add(connection);
        // A broker that is silent for ever reads no more, and so sees no end either: that is the fault, not the client's doing.
        if (kind === "disconnect" || (kind === "fault" && /never answer|partial frame/.test(text))) open.delete(connection);
      },
      atRest: () => {
        if (open.size > 0) world.violate(empty.rule, `connections ${[...open].join(", ")}`);
      },
    };
  },
};

export const brokerSideCheckers: readonly Checker[] = [sound, understood, empty];
