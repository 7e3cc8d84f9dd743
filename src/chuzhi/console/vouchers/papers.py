"""The file for the printer: every code of a batch, once. A sheet of cards with QR codes in both languages, and a list."""

import csv
import io
import zipfile
from collections.abc import Sequence

import segno
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from chuzhi.console import values
from chuzhi.ui import printing
from chuzhi.wallets.vouchers.batches import Printed
from chuzhi.wallets.vouchers.models import VoucherBatch
from chuzhi.wallets.vouchers.rules import grouped

CARDS = "console/vouchers/cards.html"
STYLE = "console/cards.css"
LANGUAGES = {"zh": "zh-hans", "en": "en"}
MOST_ON_SHEETS = 1000
"""A larger batch is for a print house, which makes its own sheets from the list."""


def archive(batch: VoucherBatch, cards: Sequence[Printed]) -> bytes:
    """A zip with `cards.csv`, and for a batch that one prints at home `cards-zh.pdf` and `cards-en.pdf`.

    Without what PDF files are drawn with, the list alone: by now the codes exist, and must not be lost for a missing font.
    """
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("cards.csv", listing(batch, cards))
        if len(cards) <= MOST_ON_SHEETS and printing.is_possible():
            for name, language in LANGUAGES.items():
                file.writestr(f"cards-{name}.pdf", sheets(batch, cards, language))
    return held.getvalue()


def listing(batch: VoucherBatch, cards: Sequence[Printed]) -> bytes:
    """For a print house. Numbers are only digits and codes only letters and digits, so no program reads them as formulas."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["serial", "number", "code", "value", "currency"])
    value, currency = values.plain(batch.value, batch.programme.asset), batch.programme.asset
    rows.writerows([f"{batch.code}-{card.serial:06d}", card.number, card.secret, value, currency] for card in cards)
    return text.getvalue().encode("utf-8-sig")


def sheets(batch: VoucherBatch, cards: Sequence[Printed], language: str) -> bytes:
    """A PDF of A4 pages with eight cards each: the value and number above, what is scratched free below."""
    with translation.override(language):
        shown = [
            {
                "serial": f"{batch.code}-{card.serial:06d}",
                "number": grouped(card.number),
                "code": grouped(card.secret),
                "to_sell": _picture(card.number),
                "to_redeem": _picture(f"{card.number} {card.secret}" if batch.form == VoucherBatch.Form.PIN else card.secret),
            }
            for card in cards
        ]
        context = {
            "batch": batch,
            "cards": shown,
            "value": values.text(batch.value, batch.programme.asset),
            "word": _("PIN") if batch.form == VoucherBatch.Form.PIN else _("Code"),
            "language": language,
        }
        page = render_to_string(CARDS, context)
    return printing.pdf(page, style=STYLE)


def _picture(text: str) -> str:
    picture: str = segno.make(text, error="m", micro=False).svg_data_uri(scale=4, border=1)
    return picture
