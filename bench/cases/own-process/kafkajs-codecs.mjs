/** kafkajs brings gzip only; the others are the application's to bring: off the event loop, unless there is so little that the way costs more. */
import { promisify } from "node:util";
import { zstdCompress, zstdCompressSync, zstdDecompress, zstdDecompressSync } from "node:zlib";
import kafkajs from "kafkajs";
import lz4 from "lz4-napi";

const { CompressionCodecs, CompressionTypes } = kafkajs;
const LITTLE_BYTES = 65_536;
const compressLater = promisify(zstdCompress);
const decompressLater = promisify(zstdDecompress);

CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: async ({ buffer }) => (buffer.length < LITTLE_BYTES ? lz4.compressFrameSync(buffer) : lz4.compressFrame(buffer)),
  decompress: async (buffer) => (buffer.length < LITTLE_BYTES ? lz4.decompressFrameSync(buffer) : lz4.decompressFrame(buffer)),
});
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: async ({ buffer }) => (buffer.length < LITTLE_BYTES ? zstdCompressSync(buffer) : compressLater(buffer)),
  decompress: async (buffer) => (buffer.length < LITTLE_BYTES ? zstdDecompressSync(buffer) : decompressLater(buffer)),
});
