import { UnsupportedVersionError } from "../../protocol/index.ts";

/** The new way to ask, and on brokers that lack it the old one. */
export async function unlessUnsupported<T>(newWay: () => Promise<T>, oldWay: () => Promise<T>): Promise<T> {
  try {
    return await newWay();
  } catch (error) {
    if (error instanceof UnsupportedVersionError) return oldWay();
    throw error;
  }
}
