/** Where a line can be written again: a terminal. */
export interface StatusScreen {
  write(text: string): void;
  readonly isTerminal: boolean;
}

const ERASE_LINE = "\r\u001b[K";

/** The last line of a terminal, written again and again; elsewhere, nothing. */
export class StatusLine {
  readonly #screen: StatusScreen;
  #isShown = false;

  constructor(screen: StatusScreen) {
    this.#screen = screen;
  }

  get isUseful(): boolean {
    return this.#screen.isTerminal;
  }

  show(text: string): void {
    if (!this.isUseful) return;
    this.#screen.write(`${ERASE_LINE}${text}`);
    this.#isShown = true;
  }

  /** Before anything else is written. */
  clear(): void {
    if (this.#isShown) this.#screen.write(ERASE_LINE);
    this.#isShown = false;
  }
}
