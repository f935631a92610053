/**
 * `npm test`: the unit tests and all rings beside them, then conformance, simulated lives, and other people's clients on both brokers.
 * Ends with one line for everything. What a machine lacks is skipped with a line that says so; with `CI=true` it fails.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Runs a program with its output shown, and resolves to its exit code and what it printed. */
function run(program: string, parameters: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, parameters, { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      process.stdout.write(text);
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

async function runVitest(folder: string, only: readonly string[]): Promise<Count> {
  const report = join(folder, "vitest.json");
  const { code } = await run("npx", [
    "vitest",
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...only,
  ]);
  const { testResults, ...sums } = readReport(report);
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numFailedTestSuites } = sums;
  printContracts(testResults.flatMap(({ assertionResults }) => assertionResults));
  failures.push(...failuresIn(testResults));
  // A file that cannot even be loaded has no tests to fail.
  const failed = numFailedTests === 0 && code !== 0 ? Math.max(1, numFailedTestSuites) : numFailedTests;
  // What is skipped locally must not be skipped where everything is required.
  const skipped = numPendingTests + numTodoTests;
  return process.env["CI"] === "true"
    ? { passed: numPassedTests, failed: failed + skipped, skipped: 0 }
    : { passed: numPassedTests, failed, skipped };
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numFailedTestSuites: number;
  readonly testResults: readonly ReportedFile[];
}

interface ReportedFile {
  readonly name: string;
  readonly status: string;
  /** Why the file could not be loaded. */
  readonly message: string;
  readonly assertionResults: readonly ReportedTest[];
}

interface ReportedTest {
  readonly fullName: string;
  readonly status: string;
  readonly failureMessages: readonly string[];
  readonly meta: {
    /** Of the contract suite: what came of it (test/contract/suite/contract-tests.ts). */
    readonly contract?: { readonly broker: string; readonly result: string };
  };
}

/** What failed, to be told again at the end: logs are long, and often only their end is kept. */
const failures: string[] = [];
const MOST_FAILURE_LINES = 12;

function failuresIn(files: readonly ReportedFile[]): readonly string[] {
  return files.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(process.cwd(), name);
    const failed = assertionResults.filter((test) => test.status === "failed");
    if (failed.length === 0) return status === "failed" ? [`${file}\n${firstLines(message)}`] : [];
    return failed.map(({ fullName, failureMessages }) => `${file}: ${fullName}\n${firstLines(failureMessages.join("\n"))}`);
  });
}

function firstLines(text: string): string {
  return text
    .split("\n")
    .slice(0, MOST_FAILURE_LINES)
    .map((line) => `    ${line}`)
    .join("\n");
}

/** `contract suite: 42 on the embedded broker, 42 on Apache Kafka 4.3.1, 1 listed exception`. */
function printContracts(tests: readonly ReportedTest[]): void {
  const played = tests.flatMap(({ meta }) => meta.contract ?? []);
  if (played.length === 0) return;
  const passed = new Map<string, number>(played.map(({ broker }) => [broker, 0]));
  for (const { broker, result } of played) if (result === "passed") passed.set(broker, (passed.get(broker) ?? 0) + 1);
  const listed = played.filter(({ result }) => result === "excepted").length;
  const failed = played.filter(({ result }) => result === "failed").length;
  const parts = [
    ...[...passed].map(([broker, count]) => `${count} on ${broker}`),
    `${listed} listed exception${listed === 1 ? "" : "s"}`,
    ...(failed === 0 ? [] : [`${failed} not kept`]),
  ];
  console.log(`contract suite: ${parts.join(", ")}`);
}

function readReport(file: string): VitestReport {
  const report: VitestReport = JSON.parse(readFileSync(file, "utf8"));
  return report;
}

function lastLines(text: string): string {
  return text
    .trimEnd()
    .split("\n")
    .slice(-MOST_FAILURE_LINES)
    .map((line) => `    ${line}`)
    .join("\n");
}

/** A check of its own, which prints what it counted. */
async function runCheck(script: string, ...parameters: readonly string[]): Promise<Count> {
  const { code, output } = await run("npx", ["tsx", script, ...parameters]);
  const [, passed, failed, skipped = "0"] = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?/m.exec(output) ?? [];
  if (code !== 0 || passed === undefined || failed !== "0") failures.push(`${script}, which ended with\n${lastLines(output)}`);
  if (passed === undefined) return { passed: 0, failed: 1, skipped: 0 };
  // Checks count as failed what is required and missing; what they skip may be missing anywhere.
  return { passed: Number(passed), failed: Math.max(Number(failed), code === 0 ? 0 : 1), skipped: Number(skipped) };
}

const checks: readonly (readonly [script: string, ...parameters: readonly string[]])[] = [
  ["test/conformance/run.ts", "--full"],
  ["test/simulation/run.ts", "--seeds", "200"],
  ["test/interop/run.ts", "--broker", "embedded"],
  ["test/interop/run.ts", "--broker", "kafka"],
];

const only = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "kafkawire-test-"));
try {
  const counts = [await runVitest(folder, only)];
  // One after the other: each of them keeps all cores busy.
  if (only.length === 0) for (const [script, ...parameters] of checks) counts.push(await runCheck(script, ...parameters));
  const sum = (of: (count: Count) => number): number => counts.reduce((total, count) => total + of(count), 0);
  const failed = sum((count) => count.failed);
  const skipped = sum((count) => count.skipped);
  if (failures.length > 0) console.log(`\nfailed:\n${failures.map((failure) => `  ${failure}`).join("\n")}\n`);
  console.log(`${sum((count) => count.passed)} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
