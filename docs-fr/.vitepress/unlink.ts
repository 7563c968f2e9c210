import type { MarkdownRenderer } from 'vitepress';

/** A link to a file above docs-fr, which GitHub has and the site has not, is plain text on the site. */
export function unlinkOutside(markdown: MarkdownRenderer): void {
  markdown.core.ruler.after('inline', 'unlink_outside', (state) => {
    for (const token of state.tokens) {
      let outside = false;
      const kept = token.children?.filter((child) => {
        if (child.type === 'link_open') outside = child.attrGet('href')?.startsWith('../') === true;
        return !(outside && child.type.startsWith('link_'));
      });
      token.children = kept ?? null;
    }
  });
}
