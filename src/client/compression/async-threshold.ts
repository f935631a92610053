/**
 * From this many bytes on, work goes to another thread: below, handing it over costs more (about 0.1 ms) than doing it here
 * (a millisecond at worst).
 */
export const ASYNC_FROM_BYTES = 65_536;
