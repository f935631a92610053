import type { WalkedField } from "../records/walk-record-batch.ts";
import type { Unfolded } from "./annotation.ts";
import { AnnotationList } from "./annotation-list.ts";

interface Leaf {
  readonly field: WalkedField;
  readonly note: string | undefined;
  readonly inside: Unfolded | undefined;
}

interface Branch {
  readonly path: string;
  readonly leaves: Leaf[];
  readonly branches: Map<string, Branch>;
  start: number;
}

/** Makes a tree of flat fields whose paths (`batches[0].records[3].key`) tell where they belong. */
export class FieldTree {
  readonly #root: Branch;

  constructor(path: string) {
    this.#root = newBranch(path, 0);
  }

  add(field: WalkedField, note: string | undefined, inside?: Unfolded): void {
    let branch = this.#root;
    const parts = field.path.split(".");
    for (const part of parts.slice(0, -1)) {
      let next = branch.branches.get(part);
      if (next === undefined) {
        next = newBranch(joined(branch.path, part), field.start);
        branch.branches.set(part, next);
      }
      branch = next;
    }
    branch.leaves.push({ field: { ...field, path: parts.at(-1) ?? "" }, note, inside });
  }

  addTo(list: AnnotationList): void {
    fill(this.#root, list);
  }
}

function newBranch(path: string, start: number): Branch {
  return { path, leaves: [], branches: new Map(), start };
}

function fill(branch: Branch, list: AnnotationList): void {
  for (const { field, note, inside } of branch.leaves) {
    const label = { name: field.path, path: joined(branch.path, field.path), type: field.type, note, inside };
    list.leaf(label, field.start, field.end, field.value);
  }
  for (const [name, inner] of branch.branches) {
    const children = new AnnotationList();
    fill(inner, children);
    list.group({ name, path: inner.path, type: typeOf(name) }, inner.start, children);
  }
}

function typeOf(name: string): string {
  if (name.startsWith("batches")) return "record batch";
  return name.startsWith("records") ? "record" : "header";
}

function joined(path: string, part: string): string {
  return path === "" ? part : `${path}.${part}`;
}
