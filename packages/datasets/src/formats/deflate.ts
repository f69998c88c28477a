import { FormatError } from "./format-error";

type Format = "deflate-raw" | "gzip";

const pump = async (
  who: string,
  bytes: Uint8Array,
  transform: { readonly readable: ReadableStream<Uint8Array>; readonly writable: WritableStream<BufferSource> },
  limit: number,
): Promise<Uint8Array<ArrayBuffer>> => {
  const writer = transform.writable.getWriter();
  // The writing side reports the same failure as the reading side; one of them is enough.
  const written = (async () => {
    await writer.write(bytes as Uint8Array<ArrayBuffer>);
    await writer.close();
  })().catch(() => undefined);
  const reader = transform.readable.getReader();
  const chunks: Uint8Array[] = [];
  let total = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      total += value.length;
      if (total > limit) {
        await reader.cancel();
        throw new FormatError(who, "the data unpack to more than the file promises", { promised: `${limit} bytes` });
      }
      chunks.push(value);
    }
  } catch (error) {
    if (error instanceof FormatError) throw error;
    throw new FormatError(who, "the compressed data are corrupt", { reason: (error as Error).message });
  }
  await written;
  const out = new Uint8Array(total);
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
};

/** Unpacks; never more than `limit` bytes, so that a few bytes cannot fill the memory. */
export const decompress = (
  who: string,
  format: Format,
  bytes: Uint8Array,
  limit = Number.POSITIVE_INFINITY,
): Promise<Uint8Array<ArrayBuffer>> => pump(who, bytes, new DecompressionStream(format), limit);

export const compress = (who: string, format: Format, bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> =>
  pump(who, bytes, new CompressionStream(format), Number.POSITIVE_INFINITY);

/** Unpacks gzipped bytes, in Node and in browsers. */
export const gunzip = (bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> => decompress("gunzip", "gzip", bytes);
