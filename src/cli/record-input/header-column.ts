import type { RecordHeader } from "../../index.ts";

/** `name:value,name:value`; a value that is the null marker is null. A text says what is wrong. */
export function headersFrom(column: string, nullMarker: string | undefined): readonly RecordHeader[] | string {
  if (column === "") return [];
  const headers: RecordHeader[] = [];
  for (const pair of column.split(",")) {
    const colon = pair.indexOf(":");
    if (colon < 1) return `has a header that is not name:value: '${shortened(pair)}'`;
    const value = pair.slice(colon + 1);
    headers.push([pair.slice(0, colon), value === nullMarker ? null : value]);
  }
  return headers;
}

const LONGEST_SHOWN = 60;

/** For messages. */
export function shortened(text: string): string {
  return text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}…`;
}
