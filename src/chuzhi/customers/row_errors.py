"""Why a row of somebody's table cannot be taken in."""

from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import Refused


class DateFuture(Refused):
    code = "import.date_future"
    message = _("The date on which value was added is in the future.")


class PrincipalExpired(Refused):
    code = "import.principal_expired"
    message = _("The principal has expired already.")


class BonusExpired(Refused):
    code = "import.bonus_expired"
    message = _("The bonus has expired already.")


class RowTwice(Refused):
    code = "import.row_twice"
    message = _("Line %(line)s has the same phone, outside number or card.")


class KeyMissing(Refused):
    code = "import.key_missing"
    message = _("The row has no phone, outside number or card to know the customer by.")


class NameMissing(Refused):
    code = "import.name_missing"
    message = _("Nobody here has this phone, outside number or card, and the row has no name to add somebody by.")


class CardTaken(Refused):
    code = "import.card_taken"
    message = _("The card %(number)s is here already and belongs to nobody who is known: a bearer card stays with its wallet.")


class KeysDisagree(Refused):
    code = "import.keys_disagree"
    message = _("Phone, outside number and card of this row belong to different customers.")


class RowTooLong(Refused):
    code = "import.row_too_long"
    message = _("The row has more cells than there are headings.")


class LeftOut(Refused):
    code = "import.left_out"
    message = _("Left out: it was said to be somebody who is here, or in the file, already.")
