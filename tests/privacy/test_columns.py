"""No sealed column is forgotten about: each goes with its person, goes at its time, or says why it stays."""

from chuzhi.core import rotation

GOES_WITH_ITS_CUSTOMER = {
    "customer", "customer_field_change", "customer_merge", "customer_record", "customer_identity", "customer_note",
    "customer_task", "message", "message_delivery", "ticket", "ticket_words", "card_report", "credit", "handout_line",
    "refund_request", "assisted_top_up", "basket",
}  # fmt: skip
GOES_AT_ITS_TIME = {"card_application", "application_document", "voucher_purchase", "card_order"}
STAYS = {
    "approval_request": "the e-mail of a colleague who would gain",
    "taken_list": "what a colleague asked a list for",
    "ordered_card": "the code of a card, until it is shown",
    "partner": "the partner's own phone",
    "payment_account": "the keys of a provider",
    "payment_notice": "what a provider said, by its numbers",
    "staff": "a colleague's own e-mail",
    "invitation": "a colleague's own e-mail",
    "webhook_endpoint": "the secret of a program",
}


def test_every_sealed_column_has_its_end_or_a_reason() -> None:
    sealed = {model._meta.db_table for model, _fields in rotation.encrypted_columns()}

    assert sealed == GOES_WITH_ITS_CUSTOMER | GOES_AT_ITS_TIME | STAYS.keys()
