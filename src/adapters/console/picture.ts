/** Facts about a PNG that the page needs before the picture has arrived. */
import { createHash } from 'node:crypto';

/** Width and height in pixels from the file's first chunk; undefined when it is no PNG. Source: PNG specification (W3C), 11.2.1 IHDR. */
export function pictureSize(png: Uint8Array): { width: number; height: number } | undefined {
  if (png.length < 24 || !signature.every((byte, at) => png[at] === byte)) return undefined;
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

/** A short name for these bytes: the same picture has the same address. */
export const pictureHash = (png: Uint8Array): string => createHash('sha256').update(png).digest('base64url').slice(0, 22);

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
