// How a version of Kafka was run by most of its users.

/** KRaft is for production since 3.3; before, a client meets brokers with ZooKeeper. */
export function isKRaft(version: string): boolean {
  return isAtLeast(version, "3.3");
}

/** Compares the first two numbers: `isAtLeast("2.8.2", "2.8")`. */
export function isAtLeast(version: string, other: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [otherMajor = 0, otherMinor = 0] = other.split(".").map(Number);
  return major === otherMajor ? minor >= otherMinor : major > otherMajor;
}
