import type { DocumentedApi } from "./documented-api.ts";
import type { MergedField } from "./merged-field.ts";
import { namedType } from "./parse-interfaces.ts";

export type MessageKind = "Request" | "Response";

/** A struct that gets a table of its own: a message, or a struct inside of one. */
export interface StructSection {
  readonly heading: string;
  /** The message in which it comes first. */
  readonly kind: MessageKind;
  /** Its interface in the sources. */
  readonly type: string;
  readonly fields: readonly MergedField[];
  /** Where such structs stand, e.g. `topics[].partitions[]`; empty for a message. */
  readonly places: readonly string[];
}

/** All structs of an API in wire order, each after what it is part of. One that comes up again as it was is listed once. */
export function structSections(documented: DocumentedApi): readonly StructSection[] {
  const { source, request, response } = documented;
  const sections: OpenSection[] = [];
  const roots: readonly OpenSection[] = [
    { heading: "Request", kind: "Request", type: source.requestType, fields: request, places: [] },
    { heading: "Response", kind: "Response", type: source.responseType, fields: response, places: [] },
  ];
  for (const root of roots) {
    sections.push(root);
    collect(documented, sections, root, "");
  }
  return sections;
}

interface OpenSection extends StructSection {
  readonly places: string[];
}

function collect(documented: DocumentedApi, sections: OpenSection[], owner: StructSection, path: string): void {
  for (const field of owner.fields.filter(({ type }) => type === "struct")) {
    const place = `${path}${field.name}${field.isArray ? "[]" : ""}`;
    const known = sectionOf(sections, documented, owner, field);
    if (known !== undefined) {
      known.places.push(place);
      continue;
    }
    const type = structType(documented, owner, field);
    const isTaken = sections.some(({ heading }) => heading === type);
    const heading = isTaken ? `${type} in ${place}` : type;
    const section: OpenSection = { heading, kind: owner.kind, type, fields: field.fields, places: [place] };
    sections.push(section);
    collect(documented, sections, section, `${place}.`);
  }
}

/** Where the struct of this field is described: the same type, with the same fields in the same versions. */
export function sectionOf<Section extends StructSection>(
  sections: readonly Section[],
  documented: DocumentedApi,
  owner: StructSection,
  field: MergedField,
): Section | undefined {
  const type = structType(documented, owner, field);
  const shape = shapeOf(field.fields);
  return sections.find((section) => section.places.length > 0 && section.type === type && shapeOf(section.fields) === shape);
}

function structType({ source }: DocumentedApi, owner: StructSection, field: MergedField): string {
  return namedType(source.interfaces.get(owner.type)?.fields.get(field.name)?.type ?? "");
}

function shapeOf(fields: readonly MergedField[]): string {
  return fields
    .map(({ name, versions, nullableIn, fields: inner }) => `${name} ${versions.join()} ${nullableIn.join()} (${shapeOf(inner)})`)
    .join();
}
