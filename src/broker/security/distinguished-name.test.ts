import { describe, expect, it } from "vitest";
import { derElements } from "./der-reader.ts";
import { distinguishedName, subjectOf } from "./distinguished-name.ts";

/** Names that OpenSSL 3 wrote, and what `X500Principal.getName()` of a JDK 17 makes of them. */
const names = [
  [
    "its parts are printed the other way round",
    "3021310e300c06035504030c05616c696365310f300d060355040a0c06436c69656e74",
    "O=Client,CN=alice",
  ],
  [
    "every word of RFC 2253 is known, and what has a meaning in a name is escaped",
    "3081d6310b3009060355040613024445310f300d06035504080c0642617965726e3111300f06035504070c084dc3bc6e6368656e31133011060355040a" +
      "0c0a41636d652c20496e632e310c300a060355040b0c03522b44310e300c060355040b0c054b61666b6131183016060355" +
      "04030c0f6b61666b6120636c69656e742023313113301106035504090c0a4d61696e2053742e203131173015060a099226" +
      "8993f22c64011916076578616d706c6531133011060a0992268993f22c64011916036f726731133011060a0992268993f22c6401010c03753137",
    "UID=u17,DC=org,DC=example,STREET=Main St. 1,CN=kafka client \\#1,OU=Kafka,OU=R\\+D,O=Acme\\, Inc.,L=München,ST=Bayern,C=DE",
  ],
  [
    "spaces at the ends are escaped, and quotes, brackets, semicolons and backslashes anywhere",
    "30483119301706035504030c10206c65616420616e6420747261696c20311b3019060355040a0c122271756f74656422203c613b623e3d635c64310e" +
      "300c060355040b0c052368617368",
    'OU=\\#hash,O=\\"quoted\\" \\<a\\;b\\>\\=c\\\\d,CN=\\ lead and trail\\ ',
  ],
  [
    "attributes without a word are numbers, and their values hexadecimal",
    "3054310c300a06035504030c03626f62311e301c06092a864886f70d010901160f626f62406578616d706c652e6f7267310b3009060355040c0c024472" +
      "310b3009060355040513023432310a3008060355042a0c0142",
    "2.5.4.42=#0c0142,2.5.4.5=#13023432,2.5.4.12=#0c024472,1.2.840.113549.1.9.1=#160f626f62406578616d706c652e6f7267,CN=bob",
  ],
  [
    "attributes that share a part keep their order",
    "303d3119300a060355040b0c03446576300b060355040a0c0441636d653120300c06035504030c056361726f6c3010060a0992268993f22c6401010c026331",
    "CN=carol+UID=c1,OU=Dev+O=Acme",
  ],
  [
    "letters of all languages stay as they are",
    "302e3120301e06035504030c17c39c6ec3af63c3b864c3a920e697a5e69cac20f09f8e89310a3008060355040a0c0178",
    "O=x,CN=Ünïcødé 日本 🎉",
  ],
] as const;

describe("a distinguished name", () => {
  it.each(names)("%s", (_rule, hex, text) => {
    const [whole] = derElements(Buffer.from(hex, "hex")) ?? [];
    expect(distinguishedName(whole?.content ?? new Uint8Array())).toBe(text);
  });

  it("that is cut off anywhere is none, rather than another", () => {
    const [whole] = derElements(Buffer.from(names[0][1], "hex")) ?? [];
    const content = whole?.content ?? new Uint8Array();
    for (let end = 1; end < content.length; end++) {
      const cut = distinguishedName(content.subarray(0, end));
      expect([undefined, "CN=alice"]).toContain(cut);
    }
  });

  it.each(["", "30", "3080", "30ff", "30820000", "3003300100", "3084ffffffff"])("is not found in %s", (hex) => {
    expect(subjectOf(Buffer.from(hex, "hex"))).toBeUndefined();
  });
});
