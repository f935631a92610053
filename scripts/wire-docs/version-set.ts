import type { VersionRange } from "../../src/protocol/index.ts";

/** All versions of a range. */
export function versionsIn([first, last]: VersionRange): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** Versions as people write them: `all`, `0–12`, `13+` when the newest is among them, `2, 5–6`. */
export function versionSetText(versions: readonly number[], range: VersionRange): string {
  if (versions.length === versionsIn(range).length) return "all";
  return runs(versions)
    .map(([from, to]) => (to === range[1] ? `${from}+` : rangeText([from, to])))
    .join(", ");
}

/** `4–18`, or `3` when there is only one. */
export function rangeText([first, last]: VersionRange): string {
  return first === last ? String(first) : `${first}–${last}`;
}

/** Stretches without a gap. */
function runs(versions: readonly number[]): readonly VersionRange[] {
  const found: [number, number][] = [];
  for (const version of versions) {
    const last = found.at(-1);
    if (last !== undefined && last[1] === version - 1) last[1] = version;
    else found.push([version, version]);
  }
  return found;
}
