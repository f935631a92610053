/** How often something failed in some way, and what was said the first time. */
export class Failures {
  readonly #known = new Map<string, { times: number; readonly first: string }>();

  add(kind: string, error: unknown): void {
    const known = this.#known.get(kind);
    if (known === undefined) this.#known.set(kind, { times: 1, first: messageOf(error) });
    else known.times++;
  }

  lines(): readonly string[] {
    return [...this.#known].map(([kind, { times, first }]) => `${times} ${kind}; the first: ${first}`);
  }
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message} <- ${messageOf(error.cause)}`;
}
