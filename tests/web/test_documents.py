"""Documents are the same as Markdown and as HTML, and show markup instead of obeying it."""

from web.documents import Block, Code, Heading, Items, Paragraph, Table, items_of, targets_in, to_html, to_markdown

BLOCKS: list[Block] = [
    Heading(2, "Send & <receive>"),
    Paragraph("Use `a < b` and never <script>alert(1)</script>."),
    Items(["one", "`two`"]),
    Table(["name", "type"], [["`a|b`", "x | y"], ["c", "two\nlines"]]),
    Code('{"op": "<tag>"}', "json"),
]


def test_markdown_shows_markup_and_keeps_tables_whole() -> None:
    assert to_markdown(BLOCKS).partition("\n\n")[2] == (
        "## Send & &lt;receive>\n\n"
        "Use `a < b` and never &lt;script>alert(1)&lt;/script>.\n\n"
        "* one\n* `two`\n\n"
        "| name | type |\n| --- | --- |\n| `a\\|b` | x \\| y |\n| c | two lines |\n\n"
        '```json\n{"op": "<tag>"}\n```\n'
    )


def test_html_shows_markup() -> None:
    page = to_html(BLOCKS, {})
    assert "<p>Use <code>a &lt; b</code> and never &lt;script&gt;alert(1)&lt;/script&gt;.</p>" in page
    assert '<h2 id="send--receive">Send &amp; &lt;receive&gt;</h2>' in page
    assert "<td><code>a|b</code></td>" in page
    assert "<script" not in page


def test_items_are_told_apart_by_empty_lines() -> None:
    assert items_of("""
        the first
        of two

        the second
    """).texts == ["the first of two", "the second"]


def test_code_links_to_the_heading_of_the_same_words() -> None:
    blocks: list[Block] = [Heading(3, "Message"), Table(["type"], [["list of `Message`, never `message`"]])]
    assert "list of [`Message`](#message), never `message`" in to_markdown(blocks)
    assert 'list of <a href="#message"><code>Message</code></a>, never' in to_html(blocks, targets_in(blocks))
