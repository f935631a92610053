/**
 * Loads an optional npm package when it is first needed. Synchronously, because a codec may be needed in the middle of an
 * iteration; with a static `import` the package would have to be there for everybody.
 */
import { createRequire } from "node:module";
import { type CodecName, MissingCodecError } from "../../protocol/records/compression/codec.ts";

const require = createRequire(import.meta.url);

/**
 * @param recognise narrows what was loaded; false means that the package is there but not the one we know
 * @param entry the module to load, when it is not the package's main one
 * @throws MissingCodecError which names the package
 */
export function loadPackage<T>(
  codec: CodecName,
  packageName: string,
  recognise: (loaded: unknown) => loaded is T,
  entry: string = packageName,
): T {
  let loaded: unknown;
  try {
    loaded = require(entry);
  } catch (cause) {
    throw new MissingCodecError(codec, `install the npm package "${packageName}" to use it`, { packageName, cause });
  }
  if (recognise(loaded)) return loaded;
  throw new MissingCodecError(codec, `the installed npm package "${packageName}" does not have the functions expected of it`, {
    packageName,
  });
}

/** Looks for a package once, at the first call, whether it is there or not. */
export function rememberPackage<T extends object>(load: () => T): () => T | MissingCodecError {
  let found: T | MissingCodecError | undefined;
  return () => {
    if (found !== undefined) return found;
    try {
      found = load();
    } catch (error) {
      if (!(error instanceof MissingCodecError)) throw error;
      found = error;
    }
    return found;
  };
}
