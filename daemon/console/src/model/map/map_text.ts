// How wide names on the map are, about, and how they are cut to the room that they have.

/** Shares of a letter's height in a bold face of the wide kind: others need less. */
const NARROW = { letters: new Set("fijlrt.,:;-/'|()[]! "), share: 0.43 };
const WIDE = { letters: new Set("mwMW@%…—"), share: 1.02 };
const CAPITAL = 0.78;
const USUAL = 0.69;
/** Of letters beyond Latin ones, some are as wide as high. */
const FOREIGN = 1.02;

export function textWidth(text: string, size: number): number {
  let sum = 0;
  for (const letter of text) sum += shareOf(letter);
  return sum * size;
}

function shareOf(letter: string): number {
  if (NARROW.letters.has(letter)) return NARROW.share;
  if (WIDE.letters.has(letter)) return WIDE.share;
  if (letter > "\u024f") return FOREIGN;
  return letter >= "A" && letter <= "Z" ? CAPITAL : USUAL;
}

/** Fewer letters are better not divided between both ends. */
const WORTH_DIVIDING = 9;

/** All of it, or both ends as far as there is room: names differ at both. */
export function cutTo(text: string, width: number, size: number): string {
  if (textWidth(text, size) <= width) return text;
  const letters = [...text];
  let kept = letters.length - 1;
  let cut = text;
  do {
    kept -= 1;
    const head = headOf(text, kept);
    const begin = letters.slice(0, head).join("").replace(/[-.:/@_]+$/, "");
    const end = letters.slice(letters.length - (kept - head)).join("").replace(/^[-.:/@_]+/, "");
    cut = `${begin}…${end}`;
  } while (kept > 2 && textWidth(cut, size) > width);
  return cut;
}

/** How many of the letters kept are those at the beginning. */
function headOf(text: string, kept: number): number {
  if (kept >= WORTH_DIVIDING) return Math.ceil(kept * 0.6);
  // Numbers are kept whole; other names differ early: "orders-service", "payments-service".
  const digits = /\d*$/.exec(text)?.[0].length ?? 0;
  return Math.max(1, kept - digits);
}
