export interface StopSignal {
  /** Resolves at SIGINT or SIGTERM, and then leaves both to Node again: a second one ends the process at once. */
  readonly received: Promise<NodeJS.Signals>;
  /** Leaves them to Node now. */
  forget(): void;
}

/** Listens from the moment of the call. */
export function stopSignal(): StopSignal {
  let forget = (): void => {};
  const received = new Promise<NodeJS.Signals>((resolve) => {
    const stop = (signal: NodeJS.Signals): void => {
      forget();
      resolve(signal);
    };
    forget = () => {
      process.off("SIGINT", stop);
      process.off("SIGTERM", stop);
    };
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
  });
  return { received, forget: () => forget() };
}
