from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.template import engines
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils import translation
from django_cotton.compiler_regex import CottonCompiler

from chuzhi.ui import stylesheet
from chuzhi.ui.templatetags import ui

LANGUAGES = [code for code, _name in settings.LANGUAGES]
NASTY = """" onfocus=alert(1) x="'<script>{{7*7}}"""


def drawn(source: str, **given: object) -> str:
    request = RequestFactory().get("/console/ui/?a=1")
    request.user = AnonymousUser()
    return engines["django"].from_string(CottonCompiler().process(source)).render(given, request)


class Elements(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_component_is_on_the_showcase(language: str) -> None:
    page = Client(headers={"accept-language": language}).get("/console/ui/")

    source = (stylesheet.UI.parent / "console/templates/console/showcase/components.html").read_text(encoding="utf-8")
    frame = (stylesheet.UI.parent / "console/templates/console/layout.html").read_text(encoding="utf-8")
    base = "".join(file.read_text(encoding="utf-8") for file in stylesheet.UI.glob("templates/ui/layout/*.html"))
    components = {file.stem.replace("_", "-") for file in stylesheet.UI.glob("templates/cotton/*.html")}
    assert page.status_code == 200
    assert {name for name in components if f"<c-{name}" not in source + frame + base} == set()
    assert "<c-" not in page.content.decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_needs_an_exception_from_the_content_policy(language: str) -> None:
    page = Client(headers={"accept-language": language}).get("/console/ui/")

    for tag, attrs in Elements(page.content.decode()).found:
        assert tag != "style"
        assert "style" not in attrs
        assert tag != "script" or attrs.get("src")
        assert not [name for name in attrs if name.startswith("on")]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "422", "500"])
def test_an_error_page_stands_without_a_request(name: str, language: str) -> None:
    with translation.override(language):
        page = render_to_string(f"{name}.html")

    assert "<h1" in page


def test_what_a_component_passes_on_is_escaped() -> None:
    for source in ('<c-button :data-name="name">x</c-button>', '<c-button data-name="{{ name }}" label="{{ name }}" />'):
        [(_tag, attrs)] = [found for found in Elements(drawn(source, name=NASTY)).found if found[0] == "button"]

        assert attrs["data-name"] == NASTY
        assert "onfocus" not in attrs


def test_text_given_to_a_component_is_escaped_once() -> None:
    page = drawn('<c-badge label="{{ name }}" />', name="Tom & <b>")

    assert "Tom &amp; &lt;b&gt;" in page


def test_what_a_component_declares_does_not_reach_its_element() -> None:
    assert "variant=" not in drawn('<c-button variant="primary" wide>x</c-button>')


def test_a_flag_that_is_false_is_left_out() -> None:
    assert "disabled" not in drawn('<c-button :disabled="no">x</c-button>', no=False)


def test_money_carries_currency_and_sign() -> None:
    with translation.override("zh-hans"):
        assert ui.money(12345, "CNY") == "¥123.45"
        assert ui.money(-100, "CNY") == "−¥1.00"
        assert ui.money(None, "CNY") == ""
        assert ui.amount_signed(50000, "CNY") == "+¥500.00"
        assert ui.amount_signed(0, "CNY") == "¥0.00"
        assert ui.currency_symbol("CNY") == "¥"
        assert ui.currency_symbol("JPY") == "JP¥"


def test_a_moment_is_shown_in_the_shops_time_zone() -> None:
    at = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)

    assert ui.when(at) == "2026-11-22 10:30"
    assert ui.when(at.date()) == "2026-11-22"
    assert ui.when(None) == ""
    assert ui.stamp(at) == '<time datetime="2026-11-22T10:30:00+08:00">2026-11-22 <span>10:30</span></time>'
    assert ui.stamp(None) == ""


@pytest.mark.parametrize(("name", "shown"), [("王小明", "小明"), ("Ada Lovelace", "AL"), ("李", "李"), ("", ""), ("Cher", "C")])
def test_initials(name: str, shown: str) -> None:
    assert ui.initials(name) == shown
