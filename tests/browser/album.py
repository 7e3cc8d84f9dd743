"""Every page of the console and the portal, of a small shop in which every one of them has something to show.

Each chapter does through the product's own commands what its pages tell of, and answers with their names and addresses.
"""

from browser.chapters import cards_on_line, counter, goods, helping, office, paying, screens, selling
from browser.pages import Page
from browser.premises import Shop

ALL_LOOKS = frozenset(
    "customer offer orders partner pay-choose pay-scan reconciliation-day refund-calculate till-charge-confirm till-wallet wallet".split()
)
"""Pages whose pictures are kept in every look; of the others two are."""


def pages(here: Shop) -> list[Page]:
    """In the order of the story that they tell, which is over before the first is looked at."""
    chapters = (
        counter.counter, counter.holders, goods.shelves, paying.portal, paying.money, helping.helped, helping.complained,
        screens.self_service, selling.promised, selling.files,
        selling.cards_of_paper, selling.partners, cards_on_line.cards_on_line,
        office.back, office.checked, office.watched, office.papers, office.doors,
    )  # fmt: skip
    return [page for chapter in chapters for page in chapter(here)]
