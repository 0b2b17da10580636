/** Bytes of the drawn pictures' files by name. */
export function drawPictures(): Promise<Record<string, Buffer>>;
