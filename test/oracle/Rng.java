package oracle;

import static oracle.Bytes.utf8;

/**
 * Pseudo-random numbers (SplitMix64) seeded by the name of the case: the same in every run, and a new API or variant never
 * shifts the values of another one.
 */
final class Rng {
    private long state;

    Rng(String seed) {
        long hash = 0xcbf29ce484222325L; // FNV-1a
        for (byte b : utf8(seed)) {
            hash ^= b & 0xff;
            hash *= 0x100000001b3L;
        }
        state = hash;
    }

    long next() {
        state += 0x9e3779b97f4a7c15L;
        long z = state;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    int below(int limit) {
        return (int) Long.remainderUnsigned(next(), limit);
    }

    boolean oneIn(int of) {
        return below(of) == 0;
    }

    byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) bytes[i] = (byte) next();
        return bytes;
    }
}
