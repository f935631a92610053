/** What the workers for Node.js have in common: how a run is described to them, and what is asked of their process. */
import { readFileSync } from "node:fs";

/** Its timer: what it measures includes the time that it sleeps. */
export const DELAY_RESOLUTION_MS = 1;

/** `name=value…`; those that `numbers` names are numbers. */
export function planFromArguments(settings, numbers) {
  const text = Object.fromEntries(settings.map((setting) => setting.split(/=(.*)/s, 2)));
  return { ...text, ...Object.fromEntries(numbers.map((name) => [name, Number(text[name])])) };
}

/** By how much the event loop was late, in ms. */
export function loopDelayP99(delays) {
  return Math.max(0, delays.percentile(99) / 1e6 - DELAY_RESOLUTION_MS);
}

export function percentile(values, fraction) {
  values.sort((a, b) => a - b);
  return values[Math.min(values.length - 1, Math.floor(values.length * fraction))];
}

export function peakRssMb() {
  try {
    const [, kib] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync("/proc/self/status", "utf8"));
    return Number(kib) / 1024;
  } catch {
    return process.resourceUsage().maxRSS / 1024;
  }
}
