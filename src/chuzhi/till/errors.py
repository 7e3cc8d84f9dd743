from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import NotFound, Refused


class LinesDoNotAddUp(Refused):
    code = "sale.lines_do_not_add_up"
    message = _("The lines come to %(lines)s, the sale to %(amount)s.")


class LineUnusable(Refused):
    code = "sale.line_unusable"
    message = _("Line %(line)s needs a name of at most 120 characters, and a short code and quantity.")


class TooManyLines(Refused):
    code = "sale.too_many_lines"
    message = _("A sale may have at most %(most)s lines.")


class ReceiptUnknown(NotFound):
    code = "receipt.unknown"
    message = _("There is no such receipt.")


class NoticeUnusable(Refused):
    code = "notice.unusable"
    message = _("Choose at least one role, or a program that is told at once, and an amount from zero on.")


class NoticeUnknown(NotFound):
    code = "notice.unknown"
    message = _("There is no such notice.")


class NothingFromWallet(Refused):
    code = "sale.nothing_from_wallet"
    message = _("The wallet pays a part of the sale at least: paid otherwise %(otherwise)s, the sale %(amount)s.")


class TendersAndPartial(Refused):
    code = "sale.tenders_and_partial"
    message = _("Say what is paid otherwise, or take at most what is there: not both.")


class SaleIsSplit(Refused):
    code = "refund.sale_is_split"
    message = _("This sale was paid in part otherwise. Take the goods back as a return: each part goes back the way it came.")


class AmountOrGoods(Refused):
    code = "return.amount_or_goods"
    message = _("Say which goods came back, or an amount: one of the two.")


class NotInSale(Refused):
    code = "return.no_such_line"
    message = _("The sale has no line %(line)s.")


class NotThatMany(Refused):
    code = "return.not_that_many"
    message = _("Of %(name)s %(left)s can still come back.")


class NotAColleague(Refused):
    code = "sale.not_a_colleague"
    message = _("Whoever served has to work in this store.")


class BasketUnknown(NotFound):
    code = "basket.unknown"
    message = _("There is no such basket.")


class BasketIsOver(Refused):
    code = "basket.over"
    message = _("This basket is %(state)s: nothing can be changed in it.")


class BasketPaid(Refused):
    code = "basket.paid"
    message = _("This basket was paid already: %(operation)s.")


class BasketEmpty(Refused):
    code = "basket.empty"
    message = _("There is nothing in the basket.")


class NotInBasket(NotFound):
    code = "basket.no_such_line"
    message = _("This is not in the basket.")


class NotSold(Refused):
    code = "basket.not_sold"
    message = _("%(name)s is not on sale here, or has no price in %(currency)s.")


class QuantityUnusable(Refused):
    code = "basket.quantity"
    message = _("This is not a quantity of %(name)s.")


class DiscountTooLarge(Refused):
    code = "basket.discount"
    message = _("The discount on %(name)s leaves nothing to be paid.")


class NoVisits(Refused):
    code = "basket.no_visits"
    message = _("No count card of this customer pays for %(name)s.")


class NobodysMembership(Refused):
    code = "basket.nobodys_membership"
    message = _("%(name)s prolongs a membership: it is sold to a customer whose own wallet pays at least a part.")


class NoWalletPays(Refused):
    code = "basket.no_wallet"
    message = _("Nobody’s wallet is named: the basket is paid in cash or by card, and change is handed out.")


class PaidTooLittle(Refused):
    code = "basket.paid_too_little"
    message = _("%(left)s is still to be paid.")


class PaidTooMuch(Refused):
    code = "basket.paid_too_much"
    message = _("Only cash can be more than what is to be paid: %(left)s too much.")


class NothingByCode(Refused):
    code = "basket.nothing_by_code"
    message = _("Nothing is left to be paid by a code.")


class CodeUnusable(Refused):
    code = "basket.code_unusable"
    message = _("This is not a payment code of WeChat Pay or Alipay. Scan the one that the customer’s phone shows.")


class NoCodesTaken(Refused):
    code = "basket.codes_not_taken"
    message = _("No account of this shop takes payment codes of this provider in this currency and amount.")


class CodeDeclined(Refused):
    """The attempt is over, and took nothing."""

    code = "basket.code_declined"
    message = _("Not paid: %(sentence)s")


class NotByCode(Refused):
    code = "basket.not_by_code"
    message = _("This basket does not wait for a payment by code.")


class NothingToSend(Refused):
    code = "basket.nothing_to_send"
    message = _("Nothing waits to be sent back: it is on its way, or with the customer.")


class BasketChanged(Refused):
    code = "basket.changed"
    message = _("What is in the basket costs something else now than what was paid for.")


class OtherCurrency(Refused):
    code = "basket.currency"
    message = _("The basket is in %(currency)s: a wallet of it pays.")
