// The embedded broker and a real Apache Kafka are sent the same requests, in every version of every API that both offer, and their
// answers are compared field by field.

import { afterAll, describe, expect, test } from "vitest";
import type { ApiName } from "../../src/protocol/index.ts";
import { rangesOf } from "../live/ledger.ts";
import { isRealKafkaAvailable, KAFKA_VERSION } from "../support/kafka/kafka-node.ts";
import { allowedDifferences } from "./allowed-differences.ts";
import { openOffer } from "./offer.ts";
import type { Script } from "./script.ts";
import { scripts } from "./scripts/scripts.ts";

const started = performance.now();
// Before the tests are collected: what both brokers offer names them.
const offer = isRealKafkaAvailable() ? await openOffer() : undefined;

describe.skipIf(offer === undefined)(`the embedded broker answers as Apache Kafka ${KAFKA_VERSION} does`, () => {
  afterAll(async () => {
    const { brokers, comparison, shared } = offer!;
    await brokers.stop();
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.info(`${comparison.findings.compared} answers of ${shared.size} APIs compared in ${seconds} s`);
  });

  for (const [name, versions] of offer?.shared ?? []) {
    test(`${name} ${rangesOf(versions)}`, async () => {
      const { comparison } = offer!;
      const script: Script | undefined = scripts[name];
      if (script === undefined) throw new Error(`test/contract/scripts has no script for ${name}`);
      const lines = await comparison.play(name, versions, script);
      expect(lines.join("\n")).toBe("");
    });
  }

  test("every API for which there is a script is offered by both", () => {
    const unplayed = Object.keys(scripts).filter((name) => !offer!.shared.has(name as ApiName));
    expect(unplayed).toEqual([]);
  });

  test("every allowed difference was met", () => {
    const unmet = allowedDifferences.filter((row) => !offer!.comparison.findings.needed.has(row));
    expect(unmet.map(({ api, path }) => `${api} ${path}`)).toEqual([]);
  });

  test("the embedded broker met no error of its own", () => {
    expect(offer!.brokers.failures.map(({ stack }) => stack)).toEqual([]);
  });
});
