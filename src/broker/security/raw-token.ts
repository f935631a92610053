import type { ClientConnection } from "../network/client-connection.ts";

const FRAME_PREFIX = 4;

/**
 * A token in a frame of its own, as it follows SaslHandshake v0. What a mechanism refuses closes the connection, for there is no
 * answer to say it in.
 */
export async function takeRawToken(connection: ClientConnection, frame: Uint8Array): Promise<void> {
  const { error, message = "", bytes } = await connection.authentication.authenticate(frame.subarray(FRAME_PREFIX));
  if (error !== undefined) return connection.destroy(`could not authenticate: ${message}`);
  const answer = new Uint8Array(FRAME_PREFIX + bytes.length);
  new DataView(answer.buffer).setInt32(0, bytes.length);
  answer.set(bytes, FRAME_PREFIX);
  connection.write(answer);
}
