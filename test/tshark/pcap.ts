// Writes conversations as a packet capture: what a program that dissects Kafka from the wire reads, without a wire.

const MAGIC = 0xa1b2_c3d4;
/** Packets begin with their IPv4 header. */
const LINKTYPE_IPV4 = 101;
const SNAP_LENGTH = 0x40000;
const IP_HEADER = 20;
const TCP_HEADER = 20;
const MAX_IP_PACKET = 0xffff;
const [SYN, PUSH, ACK] = [0x02, 0x08, 0x10];

export const BROKER_PORT = 19_092;
/** Where the frame begins in a packet. */
export const FRAME_OFFSET: number = IP_HEADER + TCP_HEADER;

/** Frames of one connection, in their order: whole, with their four-byte size. */
export interface Conversation {
  /** Of the client; each conversation has its own. */
  readonly port: number;
  readonly frames: readonly { readonly from: "client" | "broker"; readonly bytes: Uint8Array }[];
}

/** Tells the packets with frames by their number, which counts from 1 as tshark does. */
export interface Capture {
  readonly file: Uint8Array;
  /** Packet numbers, for each conversation those of its frames. */
  readonly packets: readonly (readonly number[])[];
}

export function writeCapture(conversations: readonly Conversation[]): Capture {
  const parts: Uint8Array[] = [fileHeader()];
  const add = (packet: Uint8Array): number => {
    parts.push(recordHeader(parts.length, packet.length), packet);
    return (parts.length - 1) / 2;
  };
  const packets = conversations.map((conversation) => writeConversation(conversation, add));
  return { file: Buffer.concat(parts), packets };
}

/** The handshake makes tshark see the connection from its start: it shows no answer whose request it may have missed. */
function writeConversation({ port, frames }: Conversation, add: (packet: Uint8Array) => number): readonly number[] {
  const next = { client: 1, broker: 1 };
  add(packet({ from: "client", port, flags: SYN, sequence: 0, acknowledgement: 0 }));
  add(packet({ from: "broker", port, flags: SYN | ACK, sequence: 0, acknowledgement: 1 }));
  add(packet({ from: "client", port, flags: ACK, sequence: 1, acknowledgement: 1 }));
  return frames.map(({ from, bytes }) => {
    const acknowledgement = next[from === "client" ? "broker" : "client"];
    const number = add(packet({ from, port, flags: PUSH | ACK, sequence: next[from], acknowledgement, bytes }));
    next[from] += bytes.length;
    return number;
  });
}

interface Segment {
  readonly from: "client" | "broker";
  readonly port: number;
  readonly flags: number;
  readonly sequence: number;
  readonly acknowledgement: number;
  readonly bytes?: Uint8Array;
}

/** Checksums stay 0: tshark does not look at them unless it is told to. */
function packet({ from, port, flags, sequence, acknowledgement, bytes = new Uint8Array(0) }: Segment): Uint8Array {
  const whole = Buffer.alloc(FRAME_OFFSET + bytes.length);
  if (whole.length > MAX_IP_PACKET) throw new Error(`a frame of ${bytes.length} bytes does not fit into one packet`);
  whole[0] = 0x45; // IPv4, five words of header
  whole.writeUInt16BE(whole.length, 2);
  whole[8] = 64; // time to live
  whole[9] = 6; // TCP
  const isClient = from === "client";
  whole.set([10, 0, 0, isClient ? 1 : 2, 10, 0, 0, isClient ? 2 : 1], 12);
  whole.writeUInt16BE(isClient ? port : BROKER_PORT, IP_HEADER);
  whole.writeUInt16BE(isClient ? BROKER_PORT : port, IP_HEADER + 2);
  whole.writeUInt32BE(sequence, IP_HEADER + 4);
  whole.writeUInt32BE(acknowledgement, IP_HEADER + 8);
  whole[IP_HEADER + 12] = (TCP_HEADER / 4) << 4;
  whole[IP_HEADER + 13] = flags;
  whole.writeUInt16BE(0xffff, IP_HEADER + 14); // window
  whole.set(bytes, FRAME_OFFSET);
  return whole;
}

function fileHeader(): Uint8Array {
  const header = Buffer.alloc(24);
  header.writeUInt32BE(MAGIC, 0);
  header.writeUInt16BE(2, 4); // version 2.4
  header.writeUInt16BE(4, 6);
  header.writeUInt32BE(SNAP_LENGTH, 16);
  header.writeUInt32BE(LINKTYPE_IPV4, 20);
  return header;
}

function recordHeader(second: number, length: number): Uint8Array {
  const header = Buffer.alloc(16);
  header.writeUInt32BE(second, 0);
  header.writeUInt32BE(length, 8);
  header.writeUInt32BE(length, 12);
  return header;
}
