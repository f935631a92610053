import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { authority, brokerCertificate } from "../../../test/support/certificates.ts";
import { ConfigError } from "../errors.ts";
import { type AdminOptions, resolveAdminConfig } from "./admin-config.ts";
import { loadTls } from "./load-tls.ts";

const folder = mkdtempSync(join(tmpdir(), "kafkawire-tls-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const load = (options: AdminOptions): ReturnType<typeof loadTls> =>
  loadTls(resolveAdminConfig({ securityProtocol: "SSL", ...options }));

describe("loadTls", () => {
  it("gives nothing without TLS", async () => {
    expect(await loadTls(resolveAdminConfig({}))).toBeUndefined();
  });

  it("takes Node's authorities where none are named", async () => {
    expect(await load({ sslServerName: "kafka" })).toEqual({ ca: undefined, checkHostname: true, serverName: "kafka" });
  });

  it("reads a file with several certificates, and texts", async () => {
    const both = `# who signs\n${authority}\n${brokerCertificate.cert}`;
    expect(await load({ sslCafile: file("both.pem", both), sslCheckHostname: false })).toEqual({
      ca: [both],
      checkHostname: false,
      serverName: undefined,
    });
    expect((await load({ sslCa: [authority, brokerCertificate.cert] }))?.ca).toEqual([authority, brokerCertificate.cert]);
  });

  it("is not asked by the constructor: a file that is missing is found out when connecting", () => {
    expect(resolveAdminConfig({ securityProtocol: "SSL", sslCafile: join(folder, "missing.pem") }).sslCafile).toMatch(
      /missing\.pem$/,
    );
  });

  const broken = authority.replace("MIIB", "AAAA");
  it.each([
    ["missing.pem", undefined, "ENOENT"],
    ["key.pem", brokerCertificate.key, "holds no certificate in PEM form"],
    ["store.jks", "\u{feed}\u{feed}binary", "a Java key store has to be exported first"],
    ["empty.pem", "", "holds no certificate"],
    ["cut.pem", authority.slice(0, 200), "holds no certificate"],
    ["broken.pem", `${authority}${broken}`, "certificate 2 of 2 cannot be read"],
  ])("names the file that cannot be used: %s", async (name, text, problem) => {
    const path = text === undefined ? join(folder, name) : file(name, text);
    const error: unknown = await load({ sslCafile: path }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ConfigError);
    expect(String(error)).toContain(name);
    expect(String(error)).toContain(problem);
  });

  it("names the option whose text cannot be used", async () => {
    await expect(load({ sslCa: broken })).rejects.toThrow("sslCa: certificate 1 of 1 cannot be read");
    expect(() => resolveAdminConfig({ securityProtocol: "SSL", sslCa: "ca.pem" })).toThrow(
      "the name of a file goes into sslCafile",
    );
  });
});
