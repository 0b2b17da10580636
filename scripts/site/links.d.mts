/** A sentence for each link from a page below a folder to a page, or a place on one, that is not there. */
export function brokenLinks(folder: string): string[];
