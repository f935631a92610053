import { describe, expect, it } from "vitest";
import { anchorOf, escapeText, table } from "../../scripts/wire-docs/markdown.ts";
import { mergeVersions } from "../../scripts/wire-docs/merged-field.ts";
import { kebabCase } from "../../scripts/wire-docs/page-file.ts";
import { type ApiSource, parseApiSource } from "../../scripts/wire-docs/parse-api-source.ts";
import { namedType } from "../../scripts/wire-docs/parse-interfaces.ts";
import { firstSentence, prose } from "../../scripts/wire-docs/prose.ts";
import { versionSetText } from "../../scripts/wire-docs/version-set.ts";
import { wireTypeText } from "../../scripts/wire-docs/wire-type.ts";
import { apis } from "../../src/protocol/index.ts";

const SOURCE = `/**
 * Ask (key 7): asks a broker, e.g. about
 * topics. Any broker answers.
 *
 * A second paragraph.
 *
 * v0  the oldest version
 * v1  flexible; a line that goes on
 *     below itself
 */
import { type Layout, struct } from "../wire/wire.ts";

/** Nobody. */
export const NOBODY = -1;
/** A large one. */
export const LARGE: number = 1_000_000;

/** The question. */
export interface AskRequest {
  readonly plain: number;
  /** One line. */
  readonly topics: readonly AskTopic[] | null;
  /**
   * Two
   * lines.
   */
  readonly name: string;
}

interface AskTopic {
  readonly id: string;
}

export interface AskResponse {}

const request: Layout<AskRequest> = struct((wire, it) => ({}));
const response: Layout<AskResponse> = struct((wire, it) => ({}));
`;

function parse(source: string): { parsed: ApiSource | undefined; problems: readonly string[] } {
  const problems: string[] = [];
  return { parsed: parseApiSource(source, (problem) => problems.push(problem)), problems };
}

describe("the source of an API", () => {
  const { parsed, problems } = parse(SOURCE);

  it("is without problems when every part is there", () => {
    expect(problems).toEqual([]);
  });

  it("gives name, key and purpose from its header, a string for each paragraph", () => {
    expect(parsed?.header).toMatchObject({ name: "Ask", key: 7 });
    expect(parsed?.header.purpose).toEqual(["asks a broker, e.g. about topics. Any broker answers.", "A second paragraph."]);
  });

  it("gives what each version changed, continued lines joined", () => {
    expect([...(parsed?.header.versions ?? [])]).toEqual([
      [0, "the oldest version"],
      [1, "flexible; a line that goes on below itself"],
    ]);
  });

  it("names the interfaces of its layouts", () => {
    expect(parsed).toMatchObject({ requestType: "AskRequest", responseType: "AskResponse" });
  });

  it("gives interfaces, exported or not, empty or not, with the comments before them", () => {
    expect([...(parsed?.interfaces.keys() ?? [])]).toEqual(["AskRequest", "AskTopic", "AskResponse"]);
    expect(parsed?.interfaces.get("AskRequest")?.doc).toBe("The question.");
    expect(parsed?.interfaces.get("AskTopic")?.doc).toBe("");
  });

  it("gives each field the comment right before it, and none to a field without", () => {
    const fields = [...(parsed?.interfaces.get("AskRequest")?.fields.values() ?? [])];
    expect(fields).toEqual([
      { name: "plain", type: "number", doc: "" },
      { name: "topics", type: "readonly AskTopic[] | null", doc: "One line." },
      { name: "name", type: "string", doc: "Two lines." },
    ]);
  });

  it("gives its sentinels, digits without separators", () => {
    expect(parsed?.namedValues).toEqual([
      { name: "NOBODY", value: "-1", doc: "Nobody." },
      { name: "LARGE", value: "1000000", doc: "A large one." },
    ]);
  });
});

describe("a gap in the source of an API", () => {
  it.each([
    ["no header", SOURCE.slice(SOURCE.indexOf("import")), "has no header"],
    ["a header of another form", SOURCE.replace("(key 7)", ""), "has no header"],
    [
      "a field still to be described",
      SOURCE.replace("One line.", "DOC (3): what"),
      'line 21 is unfinished: "/** DOC (3): what */"',
    ],
    ["a version still to be described", SOURCE.replace("the oldest version", "WHAT CHANGED"), "line 7 is unfinished"],
    ["versions out of order", SOURCE.replace(" * v1 ", " * v0 "), "lists v0 after v0"],
    ["text behind the versions", SOURCE.replace("\n */", "\n * And more.\n */"), "says something after its versions"],
    ["a line that is no field", SOURCE.replace("readonly plain", "plain"), "has a line in AskRequest that is no field"],
    ["no request", SOURCE.replace("const request:", "const asked:"), "has no `const request: Layout<…>`"],
  ])("is told: %s", (_what, source, problem) => {
    expect(parse(source).problems.join("\n")).toContain(problem);
  });
});

describe("the fields of all versions together", () => {
  const { Fetch, Metadata } = apis;
  const fetchFields = mergeVersions(Fetch.response, Fetch.versions);

  it("know the versions that have them, those of a nested field only where its struct is", () => {
    const endpoints = fetchFields.find(({ name }) => name === "nodeEndpoints");
    expect(endpoints?.versions).toEqual([16, 17, 18]);
    expect(endpoints?.fields.map(({ versions }) => versions)).toEqual(Array(4).fill([16, 17, 18]));
  });

  it("say from which version on they are nullable and compact", () => {
    const topics = mergeVersions(Metadata.request, [0, 13]).find(({ name }) => name === "topics");
    expect(topics && wireTypeText(topics, Metadata, "Topic")).toBe("array of Topic, nullable in 1+, compact in 9+");
  });

  it("are compact throughout when they are younger than the flexible versions", () => {
    const endpoints = fetchFields.find(({ name }) => name === "nodeEndpoints");
    expect(endpoints && wireTypeText(endpoints, Fetch, "Endpoint")).toBe("compact array of Endpoint");
  });
});

describe("words", () => {
  it("write versions as people do", () => {
    expect(versionSetText([0, 1, 2, 3], [0, 3])).toBe("all");
    expect(versionSetText([2, 3], [0, 3])).toBe("2+");
    expect(versionSetText([0, 2], [0, 3])).toBe("0, 2");
    expect(versionSetText([0, 1], [0, 3])).toBe("0–1");
  });

  it("find the struct in a field's type", () => {
    expect(namedType("readonly AskTopic[] | null")).toBe("AskTopic");
    expect(namedType("AskTopic")).toBe("AskTopic");
  });

  it("do not take an abbreviation for the end of a sentence", () => {
    expect(firstSentence("Asks, e.g. Kafka. Then more.")).toBe("Asks, e.g. Kafka.");
  });

  it("set error codes as code and link other APIs, but leave code and everyday words alone", () => {
    expect(prose("Fetch after SyncGroup or `SyncGroup`: NOT_COORDINATOR.")).toBe(
      "Fetch after [SyncGroup](sync-group.md) or `SyncGroup`: `NOT_COORDINATOR`.",
    );
  });

  it("are no Markdown unless they are meant to be", () => {
    expect(escapeText("__offsets and a_b <*> `a*b`")).toBe("\\__offsets and a_b \\<\\*\\> `a*b`");
    expect(table(["A"], [["x|y"]])).toBe("| A |\n|---|\n| x\\|y |");
  });

  it("make the names of pages and anchors", () => {
    expect(kebabCase("DescribeAcls")).toBe("describe-acls");
    expect(anchorOf("AskTopic in old[].topics[]")).toBe("#asktopic-in-oldtopics");
  });
});
