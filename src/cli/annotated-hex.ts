import type { Annotation } from "../protocol/index.ts";
import type { Output } from "./command.ts";
import { harmless } from "./harmless-text.ts";

const BYTES_PER_LINE = 8;
const NAME_WIDTH = 40;
const VALUE_WIDTH = 16;
const TEXT_WIDTH = 40;

/** The tree of an annotation beside its bytes: position, bytes, name, value, note. */
export function annotatedHex(bytes: Uint8Array, annotation: Annotation, output: Output): string {
  return (annotation.children ?? []).flatMap((child) => linesOf(bytes, child, 0, output)).join("\n");
}

function linesOf(bytes: Uint8Array, annotation: Annotation, depth: number, output: Output): readonly string[] {
  const { children, name, type } = annotation;
  if (children === undefined) return leafLines(bytes, annotation, depth, output);
  const heading = `${" ".repeat(BYTES_PER_LINE * 3 + 8)}${"  ".repeat(depth)}${name} ${dim(type, output)}`;
  return [heading, ...children.flatMap((child) => linesOf(bytes, child, depth + 1, output))];
}

function leafLines(bytes: Uint8Array, leaf: Annotation, depth: number, output: Output): readonly string[] {
  const lines: string[] = [];
  for (let start = leaf.start; start < leaf.end; start += BYTES_PER_LINE) {
    const row = bytes.subarray(start, Math.min(leaf.end, start + BYTES_PER_LINE));
    const hexed = [...row].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const head = `${dim(String(start).padStart(5), output)}  ${hexed.padEnd(BYTES_PER_LINE * 3)} `;
    lines.push(start === leaf.start ? `${head}${explained(leaf, depth, output)}` : head.trimEnd());
  }
  return lines;
}

function explained({ name, value, note = "" }: Annotation, depth: number, output: Output): string {
  const indented = `${"  ".repeat(depth)}${name}`.padEnd(NAME_WIDTH);
  const text = shown(value).padEnd(VALUE_WIDTH);
  return `${indented}${output.isTerminal ? `\u001b[1m${text}\u001b[0m` : text} ${dim(note, output)}`.trimEnd();
}

function dim(text: string, { isTerminal }: Output): string {
  return isTerminal && text !== "" ? `\u001b[2m${text}\u001b[0m` : text;
}

function shown(value: unknown): string {
  if (value instanceof Uint8Array) return shown(printable(value));
  if (typeof value === "string") return quoted(harmless(value));
  return typeof value === "number" || typeof value === "bigint" || typeof value === "boolean" || value === null
    ? String(value)
    : "";
}

function quoted(value: string): string {
  return value.length > TEXT_WIDTH ? `"${value.slice(0, TEXT_WIDTH)}…"` : `"${value}"`;
}

/** Bytes as text where they are text, so that keys and values can be read. */
function printable(bytes: Uint8Array): string {
  return [...bytes].map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·")).join("");
}
