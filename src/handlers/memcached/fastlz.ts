const LEVEL_2_MAX_L = 8191;

/**
 * Decodes a FastLZ block (level 1 or 2) into exactly `length` bytes. Throws when the block is damaged: nothing is read
 * or written outside. (ariya/FastLZ, fastlz.c; php-memcached bundles it.)
 */
export function decodeFastlz(block: Buffer, length: number): Buffer {
  const out = Buffer.alloc(length);
  const level = ((block[0] ?? 0) >> 5) + 1;
  if (level > 2) throw damaged();
  let at = 0;
  let to = 0;
  const next = (): number => {
    const byte = block[at++];
    if (byte === undefined) throw damaged();
    return byte;
  };
  // The first instruction is always a run of literals; its upper bits hold the level.
  let control = next() & 31;
  for (;;) {
    if (control < 32) {
      const run = control + 1;
      if (at + run > block.length || to + run > length) throw damaged();
      block.copy(out, to, at, at + run);
      at += run;
      to += run;
    } else {
      let size = (control >> 5) - 1;
      let distance = (control & 31) << 8;
      if (size === 6) {
        let more = next();
        size += more;
        while (level === 2 && more === 255) {
          more = next();
          size += more;
        }
      }
      const low = next();
      distance += low;
      if (level === 2 && low === 255 && distance === LEVEL_2_MAX_L) {
        distance = LEVEL_2_MAX_L + (next() << 8) + next();
      }
      size += 3;
      let from = to - distance - 1;
      if (from < 0 || to + size > length) throw damaged();
      // Source and target may overlap: a repetition.
      for (const end = to + size; to < end; ) out[to++] = out[from++] as number;
    }
    if (at >= block.length) break;
    control = next();
  }
  if (to !== length) throw damaged();
  return out;
}

function damaged(): Error {
  return new Error('a FastLZ block is damaged');
}
