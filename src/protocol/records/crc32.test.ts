import { buf } from "crc-32";
import { expect, test } from "vitest";
import { crc32 } from "./crc32.ts";

test("the check value of the CRC catalogue: the digits 1 to 9 give cbf43926", () => {
  expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
});

test("every length agrees with the crc-32 package, and a checksum goes on from the bytes before", () => {
  const noise = Uint8Array.from({ length: 300 }, (_, index) => (index * 73) & 255);
  for (let length = 0; length < noise.length; length++) {
    const expected = buf(noise.subarray(0, length)) >>> 0;
    expect(crc32(noise, 0, length)).toBe(expected);
    expect(crc32(noise, length >> 1, length, crc32(noise, 0, length >> 1))).toBe(expected);
  }
});
