"""Everything that is done by the clock, each on one line. The times are those of CHUZHI_TIME_ZONE's server clock, UTC."""

import logging
from datetime import timedelta

from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app

from chuzhi.approvals import requests
from chuzhi.console.listings import tasks as lists
from chuzhi.core import documents
from chuzhi.finance import tasks as finance
from chuzhi.kiosk import tries as kiosk_tries
from chuzhi.ledger import heads, verifications
from chuzhi.messaging import tasks as messages
from chuzhi.organization.lists import acting as acts_on_many
from chuzhi.organization.lists import taking
from chuzhi.payments import tasks as payments
from chuzhi.payments.bank import matching
from chuzhi.privacy import retention
from chuzhi.risk import acting, watching
from chuzhi.till import announcing, code_refunds, notices
from chuzhi.topups import automatic, follow_ups, orders, overdue, releases
from chuzhi.topups.cards import orders as card_orders
from chuzhi.wallets import agency, bulk_credits, expiry, merging, transfers
from chuzhi.wallets import tasks as wallets
from chuzhi.wallets.giving import links as gift_links
from chuzhi.wallets.vouchers import guarding, redeeming
from chuzhi.webhooks import tasks as webhooks
from chuzhi.workforce import cadence

log = logging.getLogger(__name__)
KEEP_DONE_JOBS_HOURS = 72


@app.periodic(cron="17 3 * * *")
@app.task(queueing_lock="forget_old_sessions", pass_context=False)
def forget_old_sessions(timestamp: int) -> None:
    call_command("clearsessions", verbosity=0)


@app.periodic(cron="27 3 * * *")
@app.task(queueing_lock="forget_done_jobs", pass_context=False)
async def forget_done_jobs(timestamp: int) -> None:
    await app.job_manager.delete_old_jobs(nb_hours=KEEP_DONE_JOBS_HOURS, include_failed=False)


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="retry_abandoned_jobs", pass_context=False)
async def retry_abandoned_jobs(timestamp: int) -> None:
    """Jobs whose worker was killed in the middle: they are asked for again, which every task must bear."""
    for job in await app.job_manager.get_stalled_jobs():
        await app.job_manager.retry_job(job)


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="lapse_gift_links", pass_context=False)
def lapse_gift_links(timestamp: int) -> None:
    gift_links.lapse()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="finish_unfinished_transfers", pass_context=False)
def finish_unfinished_transfers(timestamp: int) -> None:
    transfers.finish_unfinished()


@app.periodic(cron="*/3 * * * *")
@app.task(queueing_lock="sweep_what_time_has_taken", pass_context=False)
def sweep_what_time_has_taken(timestamp: int) -> None:
    expiry.sweep()


@app.periodic(cron="*/3 * * * *")
@app.task(queueing_lock="bring_over_what_came_late", pass_context=False)
def bring_over_what_came_late(timestamp: int) -> None:
    """Value that came into the wallets of merged customers."""
    merging.bring_over()


@app.periodic(cron="7 * * * *")
@app.task(queueing_lock="export_signed_heads", pass_context=False)
def export_signed_heads(timestamp: int) -> None:
    connection.ensure_connection()
    heads.export(connection.connection)


@app.periodic(cron="37 19 * * *")
@app.task(queueing_lock="verify_the_ledger", pass_context=False)
def verify_the_ledger(timestamp: int) -> None:
    """At night in China. A verdict that something is wrong is a line for whoever is on call, as well as a row for the pages."""
    verdict = verifications.make()
    if verdict.wrong:
        log.critical("the ledger does not verify: %s wrong, first %s", verdict.wrong, verdict.findings)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="finish_unfinished_redemptions", pass_context=False)
def finish_unfinished_redemptions(timestamp: int) -> None:
    redeeming.finish_unfinished()


@app.periodic(cron="37 3 * * *")
@app.task(queueing_lock="forget_old_tries", pass_context=False)
def forget_old_tries(timestamp: int) -> None:
    guarding.forget_old()
    kiosk_tries.forget_old()


@app.periodic(cron="47 17 * * *")
@app.task(queueing_lock="forget_what_is_past_its_time", pass_context=False)
def forget_what_is_past_its_time(timestamp: int) -> None:
    """At night in China, after the day has turned there."""
    retention.forget_what_is_past()


@app.periodic(cron="42 3 * * *")
@app.task(queueing_lock="forget_documents_that_nobody_named", pass_context=False)
def forget_documents_that_nobody_named(timestamp: int) -> None:
    documents.forget_waiting()


@app.periodic(cron="47 19 * * *")
@app.task(queueing_lock="compare_partners_with_the_ledger", pass_context=False)
def compare_partners_with_the_ledger(timestamp: int) -> None:
    if found := agency.differences():
        log.critical("partners' floats and the ledger differ in %s places, first %s", len(found), found[0])


@app.periodic(cron="27 20 * * *")
@app.task(queueing_lock="write_down_follow_ups", pass_context=False)
def write_down_follow_ups(timestamp: int) -> None:
    """Before the shops of China open."""
    cadence.write_down()


@app.periodic(cron="52 * * * *")
@app.task(queueing_lock="forget_taken_lists", pass_context=False)
def forget_taken_lists(timestamp: int) -> None:
    taking.forget_old()
    acts_on_many.forget_plans()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="finish_lists", pass_context=False)
def finish_lists(timestamp: int) -> None:
    lists.finish_unfinished()
    wallets.finish_acts()
    wallets.finish_handouts()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="finish_imports", pass_context=False)
def finish_imports(timestamp: int) -> None:
    wallets.finish_unfinished()


@app.periodic(cron="* * * * * */5")
@app.task(queueing_lock="ask_about_payments", pass_context=False)
def ask_about_payments(timestamp: int) -> None:
    payments.ask_about_payments()
    payments.send_refunds()
    orders.expire()
    card_orders.expire()


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="send_back_again", pass_context=False)
def send_back_again(timestamp: int) -> None:
    """What customers paid at a till by a code, and the provider did not take back at first."""
    code_refunds.try_all_again()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="follow_up_orders", pass_context=False)
def follow_up_orders(timestamp: int) -> None:
    follow_ups.remind()
    overdue.look()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="match_bank_lines", pass_context=False)
def match_bank_lines(timestamp: int) -> None:
    matching.match_left_over()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="carry_out_what_was_approved", pass_context=False)
def carry_out_what_was_approved(timestamp: int) -> None:
    requests.finish_unfinished()
    bulk_credits.finish_unfinished()
    requests.expire_overdue()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="deliver_what_waits", pass_context=False)
def deliver_what_waits(timestamp: int) -> None:
    announcing.follow()
    messages.deliver_what_waits()
    webhooks.deliver_what_waits()


@app.periodic(cron="10 0 * * *")
@app.task(queueing_lock="tell_of_yesterday", pass_context=False)
def tell_of_yesterday(timestamp: int) -> None:
    """In the morning in China."""
    notices.tell_of(timezone.localdate() - timedelta(days=1))


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="release_gifts", pass_context=False)
def release_gifts(timestamp: int) -> None:
    releases.follow_returns()
    releases.release_due()


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="top_up_automatically", pass_context=False)
def top_up_automatically(timestamp: int) -> None:
    automatic.run_due()


@app.periodic(cron="20 2-12 * * *")
@app.task(queueing_lock="reconcile", pass_context=False)
def reconcile(timestamp: int) -> None:
    """From ten in the morning in China, when yesterday's bills are made; again every hour of the day for those that are not."""
    finance.reconcile()


@app.periodic(cron="* * * * * */5")
@app.task(queueing_lock="watch_the_journal", lock="watch_the_journal", pass_context=False)
def watch_the_journal(timestamp: int) -> None:
    """One at a time, so that what several books tell of one subject is seen together."""
    watching.follow()
    acting.finish_unfinished()


@app.periodic(cron="47 3 * * *")
@app.task(queueing_lock="forget_old_acts", pass_context=False)
def forget_old_acts(timestamp: int) -> None:
    watching.forget_old()
