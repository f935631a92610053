/** Just enough of DER (X.690) to read a name out of a certificate that OpenSSL has checked. */

export interface DerElement {
  readonly tag: number;
  /** What is inside. */
  readonly content: Uint8Array;
  /** Tag and length included. */
  readonly bytes: Uint8Array;
}

const LONG_LENGTH = 0x80;
const MOST_LENGTH_BYTES = 3;

/** The elements that stand one behind the other; undefined where the bytes are no DER. */
export function derElements(bytes: Uint8Array): readonly DerElement[] | undefined {
  const elements: DerElement[] = [];
  for (let start = 0; start < bytes.length; ) {
    const element = elementAt(bytes, start);
    if (element === undefined) return undefined;
    elements.push(element);
    start += element.bytes.length;
  }
  return elements;
}

function elementAt(bytes: Uint8Array, start: number): DerElement | undefined {
  const [tag, first] = bytes.subarray(start);
  if (tag === undefined || first === undefined) return undefined;
  const lengthBytes = first < LONG_LENGTH ? 0 : first - LONG_LENGTH;
  const contentAt = start + 2 + lengthBytes;
  if (lengthBytes > MOST_LENGTH_BYTES || first === LONG_LENGTH || contentAt > bytes.length) return undefined;
  const length = lengthBytes === 0 ? first : bytes.subarray(start + 2, contentAt).reduce((sum, byte) => sum * 256 + byte, 0);
  const end = contentAt + length;
  return end > bytes.length ? undefined : { tag, content: bytes.subarray(contentAt, end), bytes: bytes.subarray(start, end) };
}

/** `1.2.840.…` */
export function objectIdText(content: Uint8Array): string {
  const numbers: number[] = [];
  let number = 0;
  for (const byte of content) {
    number = number * 128 + (byte & 0x7f);
    if (byte >= 0x80) continue;
    numbers.push(number);
    number = 0;
  }
  const [head = 0, ...rest] = numbers;
  const first = Math.min(2, Math.floor(head / 40));
  return [first, head - first * 40, ...rest].join(".");
}
