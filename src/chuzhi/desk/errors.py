from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import Refused


class WordsUnusable(Refused):
    code = "ticket.words_unusable"
    message = _("Write something, in at most %(most)s characters.")


class TicketUnusable(Refused):
    code = "ticket.unusable"
    message = _("There is no such kind or channel of tickets.")


class TicketResolved(Refused):
    code = "ticket.resolved"
    message = _("This ticket is resolved. Add a note to open it again.")


class SomebodyActed(Refused):
    code = "ticket.somebody_acted"
    message = _("A colleague has done something in this ticket since you looked. Read it, then decide again.")


class NotTheirs(Refused):
    code = "ticket.not_theirs"
    message = _("This does not belong to the customer of the ticket.")


class CannotTakeIt(Refused):
    code = "ticket.cannot_take_it"
    message = _("A ticket can only be given to a colleague who works on tickets.")


class ContactMissing(Refused):
    code = "contact.missing"
    message = _("The customer has no such contact detail. Enter it first.")


class ContactProofUnusable(Refused):
    code = "contact.proof_unusable"
    message = _("A phone is verified by a call or a document, an e-mail address by a code or a document.")


class CodesSpent(Refused):
    code = "contact.codes_spent"
    message = _("Enough codes were sent to this address. Use the last one, or wait an hour.")


class CodeNotSent(Refused):
    code = "contact.code_not_sent"
    message = _("No code is good at present: it is over, was tried too often, or the address has changed. Send a new one.")


class WrongCode(Refused):
    code = "contact.code_wrong"
    message = _("This is not the code that was sent. Ask the customer to read it once more.")
