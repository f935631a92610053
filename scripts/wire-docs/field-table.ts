import type { AnyApi } from "../../src/protocol/index.ts";
import type { DocumentedApi } from "./documented-api.ts";
import { anchorOf, code, link, table } from "./markdown.ts";
import type { MergedField } from "./merged-field.ts";
import { pageFileOf } from "./page-file.ts";
import { prose } from "./prose.ts";
import { type MessageKind, type StructSection, sectionOf, structSections } from "./struct-section.ts";
import { versionSetText, versionsIn } from "./version-set.ts";
import { defaultText, wireTypeText } from "./wire-type.ts";

/** A request or a response: a table of its own fields, and one of each struct in it. */
export function messageTables(documented: DocumentedApi, kind: MessageKind): readonly string[] {
  const sections = structSections(documented);
  return sections.filter((section) => section.kind === kind).flatMap((section) => renderSection(documented, sections, section));
}

function renderSection(documented: DocumentedApi, sections: readonly StructSection[], section: StructSection): readonly string[] {
  const { heading, type, fields, places } = section;
  const isMessage = places.length === 0;
  const doc = documented.source.interfaces.get(type)?.doc ?? "";
  const where = isMessage ? "" : `In ${places.map(code).join(", ")}.`;
  const text = [where, prose(doc, pageFileOf(documented.api.name))].filter((part) => part !== "").join(" ");
  const body = fields.length === 0 ? "It has no fields." : fieldTable(documented, sections, section);
  return [`${isMessage ? "##" : "###"} ${heading}`, text, body];
}

function fieldTable(documented: DocumentedApi, sections: readonly StructSection[], owner: StructSection): string {
  const { api, source } = documented;
  const rows = owner.fields.map((field) => {
    const struct = field.type === "struct" ? sectionOf(sections, documented, owner, field) : undefined;
    const structLink = struct === undefined ? "" : link(struct.type, anchorOf(struct.heading));
    const meaning = source.interfaces.get(owner.type)?.fields.get(field.name)?.doc ?? "";
    return [
      code(field.name),
      wireTypeText(field, api, structLink),
      presenceText(field, api),
      defaultText(field),
      prose(meaning, pageFileOf(api.name)),
    ];
  });
  return table(["Field", "Type", "Versions", "Default", "Meaning"], rows);
}

/** `12+, tag 0, ignorable`; where every version has the field, nobody needs to know whether it may be ignored. */
function presenceText({ versions, tag, ignorable }: MergedField, api: AnyApi): string {
  const parts = [versionSetText(versions, api.versions)];
  if (tag !== undefined) parts.push(`tag ${tag}`);
  if (ignorable && versions.length < versionsIn(api.versions).length) parts.push("ignorable");
  return parts.join(", ");
}
