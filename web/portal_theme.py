"""The portal's colours and sizes for pages that embed its elements: a module, since a page's policy may allow no style
sheets of ours. A rule of any page, however weak, goes before ours.
"""

import re

_COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)
_ROOT = re.compile(r":root \{\n(.*?)\n\}", re.DOTALL)


def theme_javascript(tokens: str) -> str:
    """`tokens`: the text of `portal/tokens.css`."""
    found = _ROOT.search(_COMMENT.sub("", tokens))
    if found is None:
        raise ValueError("there is no rule for :root")
    # Whether a page is light or dark is for the page to say.
    kept = [line for line in found[1].splitlines() if line.strip() and "color-scheme" not in line]
    lines = "\n".join(f"  {line}" for line in kept)
    return f"""/** Generated from tokens.css by `presence generate`; do not edit. */

/** What the elements look like where the page does not say otherwise. */
export function theme() {{
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
  :where(:root) {{
{lines}
  }}`);
  return sheet;
}}
"""
