import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { messageFixtures } from "./fixtures.ts";
import { isOracleAvailable, OLD_ORACLE_VERSION, schemas, startOracle } from "./oracle.ts";
import type { OracleServer } from "./oracle-server.ts";

/** The first run on a machine resolves jars and compiles. */
const FIRST_RUN_MS = 120_000;

describe.skipIf(!isOracleAvailable())("the oracle", () => {
  let oracle: OracleServer;
  beforeAll(async () => {
    oracle = await startOracle();
  }, FIRST_RUN_MS);
  afterAll(() => oracle.close());

  it("reads every fixture as the fixture says, many questions at once, in their order", async () => {
    const fixtures = messageFixtures();
    const answers = await Promise.all(fixtures.map(({ kind, apiKey, version, hex }) => oracle.ask({ kind, apiKey, version, hex })));
    answers.forEach((answer, i) => {
      const { header, json } = fixtures[i]!;
      expect(answer).toMatchObject({ ok: true, remaining: 0, canonical: true, json, header });
    });
  });

  it("encodes what it decoded to the same bytes", async () => {
    const { kind, apiKey, version, hex, json, header } = messageFixtures().find((it) => it.variant === "UNKNOWN_TAGS")!;
    const answer = await oracle.ask({ op: "encode", kind, apiKey, version, json, headerJson: header });
    expect(answer.hex).toBe(hex);
  });

  it("answers a malformed question with Java's reason, and goes on", async () => {
    expect(await oracle.ask({ kind: "request", hex: "0012" })).toMatchObject({ ok: false, error: expect.any(String) });
    expect(await oracle.ask({ op: "ping" })).toMatchObject({ ok: true, kafka: expect.stringMatching(/^4\.4\.0 /) });
  });

  it("is gone after close(), and says so to whom asks later", async () => {
    const second = await startOracle();
    await second.close();
    expect(() => process.kill(second.pid, 0)).toThrow("ESRCH");
    await expect(second.ask({ op: "ping" })).rejects.toThrow("the oracle ended");
  });

  it("rejects what is still asked when the process is killed", async () => {
    const second = await startOracle();
    const asked = second.ask({ op: "ping" });
    process.kill(second.pid, "SIGKILL");
    await asked.catch(() => undefined);
    await expect(second.ask({ op: "ping" })).rejects.toThrow("SIGKILL");
  });
});

describe.skipIf(!isOracleAvailable())("schemas()", () => {
  it(
    "reads Kafka's own schema files, comments and all, for each version",
    async () => {
      const current = await schemas();
      const old = await schemas(OLD_ORACLE_VERSION);
      expect(current.length).toBe(203);
      expect(current.find((it) => it.name === "FetchRequest")).toMatchObject({
        apiKey: 1,
        validVersions: "4-18",
        flexibleVersions: "12+",
      });
      expect(old.find((it) => it.name === "FetchRequest")).toMatchObject({ apiKey: 1, validVersions: "0-17" });
    },
    FIRST_RUN_MS,
  );
});
