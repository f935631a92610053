/** Quantities as people read them. */

export function number(value: number): string {
  return value.toLocaleString("en-US");
}

export function perSecond(records: number, seconds: number): string {
  return `${number(seconds === 0 ? 0 : Math.round(records / seconds))} records/s`;
}

const UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

export function sizeText(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${UNITS[power]}`;
}
