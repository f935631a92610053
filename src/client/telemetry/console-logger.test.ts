import { describe, expect, it } from "vitest";
import { type ConsoleLoggerOptions, consoleLogger } from "./console-logger.ts";
import { type Logger, logLevels } from "./logger.ts";

const now = (): number => Date.UTC(2026, 10, 21, 14, 51, 5, 123);

function logging(options: ConsoleLoggerOptions, log: (logger: Logger) => void): readonly string[] {
  const lines: string[] = [];
  log(consoleLogger({ now, write: (line) => lines.push(line), ...options }));
  return lines;
}

describe("a console logger", () => {
  it("writes a line to read: when, how important, who, what", () => {
    const lines = logging({}, (logger) =>
      logger.warn("broker b1:9092: could not connect", { client: "admin", clientId: "reports", phase: "tcp" }),
    );
    expect(lines).toEqual(["2026-11-21T14:51:05.123Z WARN  [admin reports] broker b1:9092: could not connect"]);
  });

  it("writes a line to parse, with all facts", () => {
    const facts = { event: "x", clientId: "reports", nested: { code: "ECONNREFUSED" }, big: 2n ** 63n, raw: new Uint8Array(3) };
    const [line] = logging({ format: "json" }, (logger) => logger.error("what happened", facts));
    expect(JSON.parse(line ?? "")).toEqual({
      time: "2026-11-21T14:51:05.123Z",
      level: "error",
      text: "what happened",
      event: "x",
      clientId: "reports",
      nested: { code: "ECONNREFUSED" },
      big: "9223372036854775808",
      raw: "3 bytes",
    });
  });

  it("lets no fact pass for the time, the level or the text", () => {
    const [line] = logging({ format: "json" }, (logger) =>
      logger.info("true", { time: "forged", level: "forged", text: "forged" }),
    );
    expect(JSON.parse(line ?? "")).toEqual({ time: "2026-11-21T14:51:05.123Z", level: "info", text: "true" });
  });

  it.each(["text", "json"] as const)(
    "writes one line per event without control characters as %s, whatever the network said",
    (format) => {
      const hostile = "a\nb\r\u001b[31m\u009b0m\u202e\u2028\u007f";
      const lines = logging({ format }, (logger) =>
        logger.info(`x ${hostile}`, { client: "admin", clientId: hostile, [hostile]: hostile }),
      );
      expect(lines).toHaveLength(1);
      expect(lines[0]).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      if (format === "json")
        expect(JSON.parse(lines[0] ?? "")).toMatchObject({ text: `x ${hostile}`, clientId: hostile, [hostile]: hostile });
    },
  );

  it.each(logLevels.map((level, index) => ({ level, passing: logLevels.slice(index) })))(
    "writes $passing at level $level",
    ({ level, passing }) => {
      const lines = logging({ level }, (logger) => {
        for (const one of logLevels) logger[one]("text", {});
      });
      expect(lines.map((line) => line.split(" ")[1]?.toLowerCase())).toEqual(passing);
    },
  );

  it("writes from info on, when nobody says otherwise", () => {
    expect(consoleLogger().level).toBe("info");
  });
});
