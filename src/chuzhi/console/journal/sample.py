"""Entries drawn from the journal for an auditor, as a list: the same word draws the same ones."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from chuzhi.console import values
from chuzhi.console.journal import listing, source
from chuzhi.console.journal.source import Row
from chuzhi.console.lists.columns import Column
from chuzhi.console.lists.listing import Empty, Listing
from chuzhi.console.lists.sources import Page
from chuzhi.core.actors import Actor
from chuzhi.ledger import sampling
from chuzhi.ledger.journal import Search
from chuzhi.ledger.sampling import LARGEST, USUAL_SIZE

USUAL_DAYS = 30


class SampleFilters(listing.JournalFilters):
    """Empty days are the thirty that ended yesterday. Days that are not over would draw something else tomorrow."""

    lead: ClassVar[tuple[str, ...]] = ("since", "until", "size", "word")

    size = forms.IntegerField(
        label=gettext_lazy("How many"), required=False, min_value=1, max_value=LARGEST,
        widget=forms.NumberInput(attrs={"placeholder": gettext_lazy("How many")}),
    )  # fmt: skip
    word = forms.CharField(
        label=gettext_lazy("Drawn by"), required=False, max_length=40,
        widget=forms.TextInput(attrs={"placeholder": gettext_lazy("Any word")}),
    )  # fmt: skip
    chance = forms.ChoiceField(
        label=gettext_lazy("Chance"), required=False,
        choices=[("", gettext_lazy("Each entry alike")), ("amount", gettext_lazy("In proportion to the amount"))],
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        given, today = super().clean(), timezone.localdate()
        last = given.get("until") or today - timedelta(days=1)
        if last >= today:
            self.add_error("until", str(sampling.NotOver()))
        first = given.get("since") or last - timedelta(days=USUAL_DAYS - 1)
        if given.get("chance") and not given.get("asset"):
            self.add_error("asset", str(sampling.NoCurrency()))
        usual = {"first": first, "last": last, "size": given.get("size") or USUAL_SIZE, "word": given.get("word") or str(last)}
        return given | usual


@dataclass(frozen=True, slots=True)
class Drawn:
    """A sample as a `Source`: on one page, the oldest first."""

    search: Search
    size: int
    word: str
    by_amount: bool
    asset: str

    @property
    def note(self) -> str:
        whole = sampling.population(self.search, by_amount=self.by_amount)
        said = ngettext("Drawn from %(count)s entry by “%(word)s”.", "Drawn from %(count)s entries by “%(word)s”.", whole.count)
        facts = {"count": f"{whole.count:,}", "word": self.word}
        if not self.asset:
            return said % facts
        amount = values.text(whole.amount, self.asset)
        return " ".join((said % facts, _("Together they moved %(amount)s.") % {"amount": amount}))

    def page(self, order: Sequence[str], asked: Mapping[str, str], *, size: int) -> Page[Row]:
        return Page(list(self.every(order, most=self.size)), "", "")

    def every(self, order: Sequence[str], *, most: int) -> Iterator[Row]:
        drawn = sampling.draw(self.search, size=self.size, word=self.word, by_amount=self.by_amount)
        yield from islice(source.told(drawn), most)

    def count(self) -> int | None:
        return self.size

    def numbers(self, *, most: int) -> list[int]:
        """Entries are history: nothing is done to them."""
        return []


def _found(asked: Mapping[str, Any], actor: Actor) -> Drawn:
    return Drawn(
        listing.search(asked, actor), asked["size"], asked["word"], by_amount=bool(asked["chance"]), asset=asked["asset"]
    )


def _as_drawn(column: Column[Row]) -> Column[Row]:
    """A sample has an order of its own."""
    return replace(column, order=())


LISTING: Listing[Row] = Listing(
    name="sample",
    title=gettext_lazy("Audit sample"),
    note=gettext_lazy(
        "Entries of the journal drawn by chance, to be held against receipts and statements. Whoever gives the same word and days "
        "draws the same ones."
    ),
    permission="audit.view",
    url_name="console:sample",
    filters=SampleFilters,
    find=_found,
    sort="at",
    columns=tuple(_as_drawn(column) for column in listing.LISTING.columns),
    empty=Empty(
        "book-open",
        gettext_lazy("Nothing in these days"),
        gettext_lazy("Without days, it is drawn from the thirty that ended yesterday."),
        gettext_lazy("No entry is like that"),
        gettext_lazy("Without days, it is drawn from the thirty that ended yesterday."),
    ),
)
