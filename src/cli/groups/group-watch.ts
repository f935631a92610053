/** `kafkawire groups watch`: a group as it changes. */
import { GroupInspector } from "../../client/admin/groups/group-inspector.ts";
import { type Admin, BrokerError, type Clock, systemRuntime } from "../../index.ts";
import type { AdminCall } from "../admin-command.ts";
import type { Output } from "../command.ts";
import { timeText } from "../consumption/time-text.ts";
import { harmless, harmlessJson } from "../harmless-text.ts";
import { StatusLine } from "../production/status-line.ts";
import { number } from "../quantity-text.ts";
import { stopSignal } from "../stop-signal.ts";
import { UsageError } from "../usage-error.ts";
import { changesBetween, tellsAssignment } from "./group-changes.ts";
import { viewText } from "./group-listing.ts";
import { type GroupView, groupView, lagOf } from "./group-view.ts";

/** No rebalance is under way. */
const SETTLED: ReadonlySet<string> = new Set(["Stable", "Empty", "Dead"]);
const DEFAULT_INTERVAL_S = 1;
const MS_PER_SECOND = 1000;

export async function watchGroup({ admin, options, names, value, flag, output }: AdminCall): Promise<undefined> {
  const [group, ...more] = names;
  if (group === undefined) throw new UsageError("say which group");
  if (more.length > 0) throw new UsageError("one group at a time");
  const intervalMs = secondsFrom(value("interval")) * MS_PER_SECOND;
  await using inspector = new GroupInspector(options);
  const stop = stopSignal();
  const stopped = new AbortController();
  void stop.received.then(() => stopped.abort());
  try {
    const look = (): Promise<GroupView | undefined> => viewOrNothing(inspector, admin, group);
    const watch = new GroupWatch({ group, look, intervalMs, output, printsJson: flag("json"), clock: systemRuntime.clock });
    await watch.run(stopped.signal);
  } finally {
    stop.forget();
  }
}

function secondsFrom(text: string | undefined): number {
  if (text === undefined) return DEFAULT_INTERVAL_S;
  const seconds = Number(text);
  if (text.trim() === "" || !(seconds > 0)) throw new UsageError(`--interval takes seconds, not '${text}'`);
  return seconds;
}

async function viewOrNothing(inspector: GroupInspector, admin: Admin, group: string): Promise<GroupView | undefined> {
  try {
    return await groupView(inspector, admin, group);
  } catch (error) {
    if (error instanceof BrokerError && error.code === "GROUP_ID_NOT_FOUND") return undefined;
    throw error;
  }
}

export interface GroupWatchInit {
  readonly group: string;
  /** Undefined while there is no such group. */
  readonly look: () => Promise<GroupView | undefined>;
  readonly intervalMs: number;
  readonly output: Output;
  readonly printsJson: boolean;
  readonly clock: Pick<Clock, "now" | "monotonic" | "schedule">;
}

/** Looks again and again, and tells what is different. */
export class GroupWatch {
  readonly #init: GroupWatchInit;
  readonly #status: StatusLine;
  #hasLooked = false;
  #last: GroupView | undefined;
  /** The last one of which it is known who holds what. */
  #assigned: GroupView | undefined;
  #lag: number | undefined;
  /** Monotonic; since when it comes together. */
  #unsettledSinceMs: number | undefined;

  constructor(init: GroupWatchInit) {
    this.#init = init;
    const { output } = init;
    this.#status = new StatusLine({ write: (text) => output.write(text), isTerminal: output.isTerminal && !init.printsJson });
  }

  /** Until the signal. @throws what looking has failed with */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const view = await this.#init.look();
      if (signal.aborted) break;
      this.#tell(view);
      await this.#pause(signal);
    }
    this.#status.clear();
  }

  #tell(view: GroupView | undefined): void {
    const changes = [...this.#changesTo(view)];
    const [lag, before] = [totalLag(view), this.#lag];
    const isFirst = !this.#hasLooked;
    if (this.#init.printsJson) {
      if (isFirst || changes.length > 0 || lag !== before) this.#print(harmlessJson(this.#json(view, changes, lag)));
    } else {
      if (isFirst || (this.#last === undefined && view !== undefined)) this.#print(this.#picture(view));
      for (const change of changes) this.#print(`${timeText(this.#init.clock.now())}  ${harmless(change)}`);
      this.#tellLag(lag, before, isFirst);
    }
    this.#hasLooked = true;
    this.#last = view;
    this.#lag = lag;
    if (view === undefined || tellsAssignment(view)) this.#assigned = view;
  }

  *#changesTo(view: GroupView | undefined): Iterable<string> {
    const last = this.#last;
    if (view === undefined) {
      if (last !== undefined) yield "the group is gone";
      this.#unsettledSinceMs = undefined;
      return;
    }
    const settled = this.#settled(view);
    if (last === undefined) return;
    yield* changesBetween(last, view, this.#assigned);
    if (settled !== undefined) yield settled;
  }

  /** That a rebalance is over, and how long it took as far as can be seen. */
  #settled({ description: { state } }: GroupView): string | undefined {
    const now = this.#init.clock.monotonic();
    if (!SETTLED.has(state)) {
      this.#unsettledSinceMs ??= now;
      return undefined;
    }
    const since = this.#unsettledSinceMs;
    this.#unsettledSinceMs = undefined;
    return since === undefined ? undefined : `settled again after ${((now - since) / MS_PER_SECOND).toFixed(1)} s`;
  }

  #picture(view: GroupView | undefined): string {
    if (view === undefined) return `there is no group '${harmless(this.#init.group)}' yet`;
    return viewText(view).trimEnd();
  }

  #tellLag(lag: number | undefined, before: number | undefined, isFirst: boolean): void {
    if (lag === undefined) return;
    const change = before === undefined || lag === before ? "" : ` (${lag > before ? "+" : ""}${number(lag - before)})`;
    const text = `lag ${number(lag)}${change}`;
    if (this.#status.isUseful) this.#status.show(`${text}; Ctrl-C ends`);
    else if (isFirst || lag !== before) this.#print(`${timeText(this.#init.clock.now())}  ${text}`);
  }

  #print(line: string): void {
    this.#status.clear();
    this.#init.output.write(`${line}\n`);
  }

  #json(view: GroupView | undefined, changes: readonly string[], lag: number | undefined): unknown {
    const { group, clock } = this.#init;
    const { state, epoch, members = [] } = view?.description ?? {};
    return { atMs: clock.now(), group, state, epoch, members: members.length, lag, changes };
  }

  #pause(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#init.clock.schedule(this.#init.intervalMs, () => end());
      const end = (): void => {
        timer.cancel();
        signal.removeEventListener("abort", end);
        resolve();
      };
      signal.addEventListener("abort", end, { once: true });
    });
  }
}

/** Of all partitions whose lag is known; undefined if there are none. */
function totalLag(view: GroupView | undefined): number | undefined {
  const lags = (view?.partitions ?? []).map(lagOf).filter((lag) => lag !== undefined);
  return lags.length === 0 ? undefined : lags.reduce((sum, lag) => sum + lag, 0);
}
