import { canonicalValue } from "./canonical-text.ts";
import type { JournalEntry } from "./journal-entry.ts";

/** Somebody asks the same thing over and over without pause: a client's bug, and a broker's load. */
export interface HotLoop {
  readonly api: string;
  readonly connection: number;
  readonly clientId: string;
  readonly firstAtMs: number;
  /** How many equal requests there were so far. */
  readonly count: number;
}

/** More equal requests than this within the window are a hot loop. */
const MOST_EQUAL_REQUESTS = 50;
const WINDOW_MS = 100;
/** Larger requests carry data, and are no poll. */
const LARGEST_BODY = 4096;

/** A request, and what it asks as text once that was needed: it is costly. */
interface Seen {
  readonly entry: JournalEntry;
  question: string | undefined;
}

/** The last requests of one API on one connection, as far as they have one size. */
interface Track {
  readonly recent: Seen[];
  loop: { -readonly [Name in keyof HotLoop]: HotLoop[Name] } | undefined;
}

export class HotLoopWatch {
  readonly found: HotLoop[] = [];
  /** By connection, then API. */
  readonly #tracks = new Map<number, Map<string, Track>>();

  see(entry: JournalEntry): void {
    const { kind, api, connection = 0, sizeInBytes } = entry;
    if (kind === "disconnect") this.#tracks.delete(connection);
    if (kind !== "request" || api === undefined || sizeInBytes > LARGEST_BODY) return;
    const track = this.#track(connection, api);
    if (track.recent.at(-1)?.entry.sizeInBytes !== sizeInBytes) track.recent.length = 0;
    const seen: Seen = { entry, question: undefined };
    track.recent.push(seen);
    if (track.recent.length > MOST_EQUAL_REQUESTS + 1) track.recent.shift();
    const first = track.recent[0]!;
    const isFast = track.recent.length > MOST_EQUAL_REQUESTS && entry.atMs - first.entry.atMs <= WINDOW_MS;
    if (isFast && track.recent.every((other) => questionOf(other) === questionOf(seen))) this.#report(track, first.entry, entry);
    else track.loop = undefined;
  }

  #report(track: Track, first: JournalEntry, entry: JournalEntry): void {
    if (track.loop !== undefined) {
      track.loop.count++;
      return;
    }
    const { api = "", connection = 0, clientId = "" } = entry;
    track.loop = { api, connection, clientId, firstAtMs: first.atMs, count: track.recent.length };
    this.found.push(track.loop);
  }

  #track(connection: number, api: string): Track {
    const ofConnection = this.#tracks.get(connection) ?? new Map<string, Track>();
    this.#tracks.set(connection, ofConnection);
    const track = ofConnection.get(api) ?? { recent: [], loop: undefined };
    ofConnection.set(api, track);
    return track;
  }
}

function questionOf(seen: Seen): string {
  seen.question ??= question(seen.entry);
  return seen.question;
}

/** A fetch session's epoch counts up with every fetch, and is no difference. */
function question({ body }: JournalEntry): string {
  return typeof body === "object" && body !== null && "sessionEpoch" in body
    ? canonicalValue({ ...body, sessionEpoch: 0 })
    : canonicalValue(body);
}
