"""Everything that is done by the clock, each on one line. The times are those of CHUZHI_TIME_ZONE's server clock, UTC."""

import logging

from django.core.management import call_command
from django.db import connection
from procrastinate.contrib.django import app

from chuzhi.ledger import heads, verifications
from chuzhi.wallets import expiry, importing, transfers

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


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="finish_unfinished_transfers", pass_context=False)
def finish_unfinished_transfers(timestamp: int) -> None:
    transfers.finish_unfinished()


@app.periodic(cron="*/3 * * * *")
@app.task(queueing_lock="sweep_what_time_has_taken", pass_context=False)
def sweep_what_time_has_taken(timestamp: int) -> None:
    expiry.sweep()


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


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="finish_imports", pass_context=False)
def finish_imports(timestamp: int) -> None:
    importing.finish_unfinished()
