/** Thrown for parameters that cannot be: the command then shows how it is used. */
export class UsageError extends Error {}
