/** Counts checks; a check is a function that throws when the rule it stands for is broken. */
export class Tally {
  passed = 0;
  readonly failures: string[] = [];

  check(name: string, check: () => void): void {
    try {
      check();
      this.passed++;
    } catch (error) {
      this.fail(name, error);
    }
  }

  async checkLater(name: string, check: () => Promise<void>): Promise<void> {
    try {
      await check();
      this.passed++;
    } catch (error) {
      this.fail(name, error);
    }
  }

  fail(name: string, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.failures.push(`${name}: ${message.split("\n").slice(0, 12).join("\n    ")}`);
  }
}
