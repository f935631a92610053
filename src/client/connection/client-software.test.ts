import { createRequire } from "node:module";
import { expect, it } from "vitest";
import { CLIENT_SOFTWARE_NAME, CLIENT_SOFTWARE_VERSION } from "./client-software.ts";

const manifest: { name: string; version: string } = createRequire(import.meta.url)("../../../package.json");

it("says who we are as package.json does", () => {
  expect([CLIENT_SOFTWARE_NAME, CLIENT_SOFTWARE_VERSION]).toEqual([manifest.name, manifest.version]);
});

it("says it so that brokers accept it (KIP-511)", () => {
  // Of Java's ApiVersionsRequest.
  const accepted = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/;
  for (const text of [CLIENT_SOFTWARE_NAME, CLIENT_SOFTWARE_VERSION]) expect(text).toMatch(accepted);
});
