import pytest
from django.conf import settings

import cast
from chuzhi.messaging import facts, kinds, rules, texts
from chuzhi.messaging.errors import LanguageUnknown, PlacesUnknown, WordsMissing
from chuzhi.messaging.models import Message
from chuzhi.organization.errors import NotAllowed
from chuzhi.till.announcing import RECEIPT

pytestmark = pytest.mark.django_db
LANGUAGES = [language for language, _label in settings.LANGUAGES]


@pytest.mark.parametrize("language", LANGUAGES)
def test_our_own_words_have_no_place_that_nothing_fills(language: str) -> None:
    for kind in kinds.every():
        words = texts.usual(kind, language)
        assert rules.unknown_places(f"{words.title} {words.body}", kind.places) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{name}!", "{amount}!"),
        ("{amount}", "1"),
        ("{unknown} {0} {} {name.x} {name!r}", "{unknown} {0} {} {name.x} {name!r}"),
        ("{{name}}", "{{amount}}"),
    ],
)
def test_places_are_filled_once(text: str, said: str) -> None:
    assert rules.fill(text, {"name": "{amount}", "amount": "1"}) == said


def test_the_shop_writes_its_own_words_and_takes_them_back() -> None:
    message = Message(facts={"amount": facts.money(5_00, "CNY")})

    texts.change(kind=RECEIPT, language="en", title="Thanks, {name}", body="{amount} at {shop}", by=cast.OWNER)
    own = texts.written(RECEIPT, message, name="Wang", language="en")
    texts.forget(kind=RECEIPT, language="en", by=cast.OWNER)

    assert (own.title, own.body) == ("Thanks, Wang", f"CN¥5.00 at {settings.SHOP_NAME}")
    assert texts.words(RECEIPT, "en") == texts.usual(RECEIPT, "en")


@pytest.mark.parametrize(
    ("language", "title", "body", "no"),
    [
        ("en", "x", "{password}", PlacesUnknown),
        ("en", "", "x", WordsMissing),
        ("en", "x" * 201, "x", WordsMissing),
        ("fr", "x", "x", LanguageUnknown),
    ],
)
def test_words_that_cannot_be_are_refused(language: str, title: str, body: str, no: type[Exception]) -> None:
    with pytest.raises(no):
        texts.change(kind=RECEIPT, language=language, title=title, body=body, by=cast.OWNER)


def test_only_who_may_writes_them() -> None:
    with pytest.raises(NotAllowed):
        texts.change(kind=RECEIPT, language="en", title="x", body="x", by=cast.actor("manager"))
