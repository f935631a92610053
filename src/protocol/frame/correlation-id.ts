/**
 * The correlation id after this one. It is an int32 on the wire, so a connection that lives long enough starts again at 0;
 * requests 2^31 apart are never in flight together.
 */
export function nextCorrelationId(id: number): number {
  return (id + 1) & 0x7fff_ffff;
}
