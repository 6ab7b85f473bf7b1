"""A document as HTML and Markdown: every part stands in it, and no text of it becomes markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from exports.document import Bullets, Chart, Code, Column, Metric, Metrics, Report, Table, Text
from exports.report_html import report_html
from exports.report_markdown import chart_files, report_markdown

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><defs><clipPath id="clip0"/></defs>'
    '<g clip-path="url(#clip0)"/></svg>'
)
HOSTILE = (
    "<script>alert(1)</script>", "</pre></code><img src=x onerror=alert(1)>", "=cmd()", "../x", "`$(touch pwned)`",
    "a\n# b\n- c", "| a | b |", "[x](javascript:alert(1))", "![x](http://x/y.png)", "***bold***", "&lt;b&gt;",
    "```\nrm -rf /\n```", "emoji 🚀 ñ ﷽", "\ud800\x00\x1b[31m", "x" * 10_000, '" onload="alert(1)', "1. one",
    "- [ ] box", "<!-- -->", "---", "===", "+ plus", "http://x.example/?a=1&b=2",
)  # fmt: skip


def report(*parts: object, title: str = "Guide") -> Report:
    return Report(title, "Nov 2025", "fingerprint 0563f8c85ae1", parts)  # type: ignore[arg-type]


def everything(text: str) -> Report:
    """A document with one text wherever a text may stand."""
    return report(
        *(Text(kind, text) for kind in ("heading", "subheading", "answer", "paragraph", "note", "warning")),  # type: ignore[arg-type]
        *(Bullets((text, text), kind) for kind in ("bullets", "steps", "checks", "blanks", "signature")),  # type: ignore[arg-type]
        Code((text,)),
        Metrics((Metric(text, text, text),)),
        Table((Column(text), Column(text, 0, is_number=True)), ((text, text),), strong=(text,)),
        Chart(SVG, text, name="one"),
        Chart(SVG, text),
        title=text,
    )


class Tags(HTMLParser):
    """Tags with their attributes, text, and how deep what is open goes."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "col", "img", "br"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(html: str) -> Tags:
    tags = Tags()
    tags.feed(html)
    tags.close()
    assert tags.open == []
    return tags


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_a_tag_of_html(text: str) -> None:
    hostile, plain = read(report_html(everything(text))), read(report_html(everything("plain")))
    assert [tag for tag, _ in hostile.tags] == [tag for tag, _ in plain.tags]
    for (_, found), (_, expected) in zip(hostile.tags, plain.tags, strict=True):
        assert set(found) == set(expected)
    html = report_html(everything(text))
    assert "\x00" not in html
    html.encode()


def test_html_needs_nothing_else_and_runs_nothing() -> None:
    html = report_html(everything("plain"))
    assert "script" not in html.lower().replace("javascript", "")
    assert not re.search(r'(?:src|href)="(?!#)', html)
    assert "default-src 'none'" in html
    assert "@import" not in html
    assert "url(http" not in html


def test_two_drawings_keep_their_own_names() -> None:
    html = report_html(report(Chart(SVG, "a"), Chart(SVG, "b")))
    names = re.findall(r'id="([\w-]+)"', html)
    assert len(set(names)) == 2
    assert set(re.findall(r"url\(#([\w-]+)\)", html)) == set(names)


def test_every_part_stands_in_html_and_in_markdown() -> None:
    told = report(
        Text("answer", "Saves $2,412 a month."), Text("warning", "api would queue"),
        Bullets(("first", "second"), "steps"), Bullets(("tick",), "checks"), Code(("gcloud run services list",)),
        Metrics((Metric("NPV", "$70k", "36 months"),)),
        Table((Column("Lever"), Column("USD", 1, is_number=True)), (("Cloud Run", "1.00"), ("Together", "1.00")),
              strong=("Together",)),
        Bullets(("Decided by, date",), "signature"),
    )  # fmt: skip
    html, markdown = report_html(told), report_markdown(told)
    for expected in ("Saves $2,412 a month.", "api would queue", "gcloud run services list", "NPV", "36 months"):
        assert expected in html
        assert expected in markdown
    assert "2. second" in markdown
    assert "- [ ] tick" in markdown
    assert "|---|---:|" in markdown
    assert "| **Together** | **1.00** |" in markdown
    assert '<tr class="strong"><td>Together</td>' in html


def without_code(markdown: str) -> str:
    return re.sub(r"(?ms)^(`{3,})bash\n.*?^\1$", "", markdown)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_markup_of_markdown(text: str) -> None:
    hostile, plain = (without_code(report_markdown(everything(each))) for each in (text, "plain"))
    assert len(hostile.splitlines()) == len(plain.splitlines())
    shapes = [re.match(r"(#+ |- \[ \] |- |\d+\. |\||> |---$|!\[)?", line) for line in plain.splitlines()]
    for line, shape in zip(hostile.splitlines(), shapes, strict=True):
        assert shape is not None
        assert line.startswith(shape[0])
        rest = line[len(shape[0]) :].replace("**", "").replace("](charts/one.svg)", "").replace("\\\\", "")
        assert not re.search(r"(?<!\\)[`<>\[]", rest.removeprefix("> ")), line[:200]


@pytest.mark.parametrize("text", ["```", "````\nx", "a ``` b"])
def test_code_is_fenced_by_more_than_it_holds(text: str) -> None:
    lines = report_markdown(report(Code((text, "last")))).splitlines()
    fence = next(line for line in lines if line.endswith("bash")).removesuffix("bash")
    assert [line for line in lines if line.startswith(fence)] == [f"{fence}bash", fence]


def test_markdown_names_the_drawings_that_it_is_given() -> None:
    told = report(Chart(SVG, "the way", name="way"), Chart(SVG, "no file"))
    assert chart_files(told) == [("charts/way.svg", SVG)]
    assert "![the way](charts/way.svg)" in report_markdown(told)
    assert "no file" in report_markdown(told)


def test_what_is_endless_is_cut_and_says_so() -> None:
    for written in (report_html(everything("y" * 50_000)), report_markdown(everything("y" * 50_000))):
        assert "(50000 characters)" in written


@pytest.mark.parametrize("write", [report_html, report_markdown])
def test_a_ragged_table_is_refused(write: object) -> None:
    with pytest.raises(ValueError, match="as many cells"):
        write(report(Table((Column("A"), Column("B")), (("1",),))))  # type: ignore[operator]


def shape_of(markdown: str) -> list[str]:
    """What another reader of Markdown makes of a text: blocks and marks, without the words and breaks in them."""
    blocks = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(markdown)
    inner = [child.type for block in blocks for child in block.children or []]
    words = {"text", "text_special", "softbreak"}
    return [block.type for block in blocks] + [kind for kind in inner if kind not in words]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_reader_of_markdown_sees_the_same_parts_whatever_the_text(text: str) -> None:
    assert shape_of(report_markdown(everything(text))) == shape_of(report_markdown(everything("plain")))
