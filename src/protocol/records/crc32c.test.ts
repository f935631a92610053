import crc32cOfNpm from "crc-32/crc32c.js";
import { expect, test } from "vitest";
import { crc32c } from "./crc32c.ts";

const noise = Uint8Array.from({ length: 5000 }, (_, index) => (Math.imul(index, 2654435761) >>> 13) & 255);

test("the check value of the CRC catalogue: the digits 1 to 9 give e3069283", () => {
  expect(crc32c(new TextEncoder().encode("123456789"))).toBe(0xe3069283);
});

test("Java's values for keys of Kafka's own fixtures", () => {
  expect(crc32c(new Uint8Array())).toBe(0);
  expect(crc32c(Buffer.from("6b65792d31", "hex"))).toBe(2291629009);
  expect(crc32c(Buffer.from("56627ce453bdd2b999747b242cb4c03e731a", "hex"))).toBe(4037016885);
});

test("every length and alignment agrees with the crc-32 package", () => {
  for (let length = 0; length <= 300; length++) {
    for (const start of [0, 1, 2, 3, 7]) {
      expect(crc32c(noise, start, start + length)).toBe(crc32cOfNpm.buf(noise.subarray(start, start + length)) >>> 0);
    }
  }
  for (const length of [639, 640, 641, 655, 656, 1023, 1024, 1025, 1026, 1088, 4096, 4999])
    expect(crc32c(noise, 1, length)).toBe(crc32cOfNpm.buf(noise.subarray(1, length)) >>> 0);
});

test("a checksum goes on from the bytes before", () => {
  const whole = crc32c(noise);
  for (const cut of [0, 1, 15, 16, 700, 1024, 2500, 3976, 3977, 4999])
    expect(crc32c(noise, cut, noise.length, crc32c(noise, 0, cut))).toBe(whole);
});
