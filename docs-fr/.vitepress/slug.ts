/** The anchor of a heading as GitHub makes it, so that a link leads to the same place there and on the site. */
export function slug(heading: string): string {
  return heading
    .replaceAll('`', '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
}
