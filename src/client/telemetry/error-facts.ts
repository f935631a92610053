/** An error as plain data: for logs and diagnostics, which must not print what else an error may carry. */
export interface ErrorFacts {
  readonly name: string;
  readonly message: string;
  /** Ours, or the machine's: `ECONNREFUSED`. */
  readonly code?: string;
  readonly retriable?: boolean;
  readonly cause?: ErrorFacts;
}

const DEEPEST = 5;

export function errorFacts(error: Error, depth = 0): ErrorFacts {
  const { cause } = error;
  return {
    name: error.name,
    message: error.message,
    ...("code" in error && typeof error.code === "string" ? { code: error.code } : {}),
    ...("retriable" in error && typeof error.retriable === "boolean" ? { retriable: error.retriable } : {}),
    ...(cause instanceof Error && depth < DEEPEST ? { cause: errorFacts(cause, depth + 1) } : {}),
  };
}
