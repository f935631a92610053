/**
 * Writes a WebAssembly module of one function and one memory: the few opcodes that CRC-32C needs, and nothing else. The format
 * is a list of sections, each an id, a size and its content; https://webassembly.github.io/spec/core/binary/ has the numbers.
 */

/** Machine code, or any other part of a module. */
export type Code = readonly number[];

/** "\0asm" and a 1. */
const MAGIC_AND_VERSION: Code = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const INT32 = 0x7f;
const NO_BLOCK_TYPE = 0x40;
const MEMORY_ALIGNMENT = 0;

export const loop = (...body: readonly Code[]): Code => [0x03, NO_BLOCK_TYPE, ...body.flat(), 0x0b];
/** Jumps back to the start of the innermost loop when the number on the stack is not 0. */
export const repeatIf: Code = [0x0d, 0];
export const getLocal = (index: number): Code => [0x20, ...unsigned(index)];
export const setLocal = (index: number): Code => [0x21, ...unsigned(index)];
export const int32 = (value: number): Code => [0x41, ...signed(value)];
export const addInt32: Code = [0x6a];
export const isBelow: Code = [0x49];
/** 16 bytes from the address on the stack plus `offset`; aligned or not. */
export const loadVector = (offset: number): Code => [0xfd, 0x00, MEMORY_ALIGNMENT, ...unsigned(offset)];
/** 16 bytes to the address below them on the stack plus `offset`. */
export const storeVector = (offset: number): Code => [0xfd, 0x0b, MEMORY_ALIGNMENT, ...unsigned(offset)];
export const xorVectors: Code = [0xfd, 0x51];

export interface FunctionSource {
  readonly name: string;
  /** All of them int32; the function has no result and no other locals. */
  readonly parameterCount: number;
  readonly body: Code;
}

/** A module that exports the function, and `memory` of so many pages (64 KiB), which cannot grow. */
export function assemble({ name, parameterCount, body }: FunctionSource, memoryPages: number): Uint8Array {
  const parameters = Array.from({ length: parameterCount }, () => INT32);
  const withoutLocals = [0, ...body, 0x0b];
  return Uint8Array.from([
    ...MAGIC_AND_VERSION,
    ...section(1, [0x60, ...unsigned(parameterCount), ...parameters, 0]), // types: the function's
    ...section(3, [0]), // functions: one, of type 0
    ...section(5, [1, ...unsigned(memoryPages), ...unsigned(memoryPages)]), // memories: 1 = it has a maximum
    ...section(7, [...text("memory"), 0x02, 0], [...text(name), 0x00, 0]), // exports
    ...section(10, [...unsigned(withoutLocals.length), ...withoutLocals]), // code
  ]);
}

function section(id: number, ...entries: readonly Code[]): Code {
  const content = [...unsigned(entries.length), ...entries.flat()];
  return [id, ...unsigned(content.length), ...content];
}

function text(ascii: string): Code {
  return [...unsigned(ascii.length), ...Array.from(ascii, (letter) => letter.charCodeAt(0))];
}

/** LEB128: seven bits a byte, the lowest first; the eighth says that more follow. */
function unsigned(value: number): Code {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): Code {
  return value >= -0x40 && value < 0x40 ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}
