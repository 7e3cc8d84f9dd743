"""`chuzhi ledger verify | export-heads | close-period`: for people at a terminal and for the clock."""

import json
import os
import sys
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chuzhi.core.actors import system
from chuzhi.core.errors import Refused
from chuzhi.ledger import heads, periods
from chuzhi.ledger.findings import Report
from chuzhi.ledger.proof import verification


class Command(BaseCommand):
    help = _("Verify the ledger, export its signed heads, close a period.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True)
        verify = parts.add_parser("verify", help=_("check every invariant from rows alone; exit code 1 if one does not hold"))
        verify.add_argument("--heads", type=Path, help=_("compare with this file of exported heads"))
        verify.add_argument("--deep", action="store_true", help=_("decide the whole journal again through the engine"))
        verify.add_argument("--json", action="store_true", help=_("answer for machines"))
        verify.add_argument(
            "--workers", type=int, default=min(4, os.cpu_count() or 1), help=_("connections that share the work")
        )
        parts.add_parser("export-heads", help=_("append where each book stands, signed, to today's file"))
        close = parts.add_parser("close-period", help=_("let nothing be written before a moment any more"))
        close.add_argument("until", help=_("a day or a moment, in the shop's time: 2026-02-01 or 2026-02-01T00:00"))

    def handle(self, *_arguments: object, **options: Any) -> None:
        match options["part"]:
            case "verify":
                self.verify(options)
            case "export-heads":
                self.export()
            case _:
                self.close(options["until"])

    def verify(self, options: dict[str, Any]) -> None:
        connection.ensure_connection()
        file = options["heads"]
        if file is not None and not file.is_file():
            raise CommandError(_("There is no file %(path)s.") % {"path": file})
        report = verification.verify(
            connection.connection, heads_file=file, deep=options["deep"], workers=max(1, options["workers"]),
            tell=None if options["json"] else self.tell,
        )  # fmt: skip
        if options["json"]:
            self.stdout.write(json.dumps(report.as_plain(), ensure_ascii=False))
        else:
            self.say(report)
        if not report.is_clean:
            sys.exit(1)

    def tell(self, name: str, seconds: float) -> None:
        self.stdout.write(f"  {name:<16} {seconds:8.2f} s")

    def say(self, report: Report) -> None:
        for finding in report.findings:
            self.stdout.write(self.style.ERROR(str(finding)))
        for note in report.notes:
            self.stdout.write(self.style.WARNING(note))
        counted = {
            "books": report.books,
            "operations": f"{report.operations:,}",
            "legs": f"{report.legs:,}",
            "seconds": f"{report.seconds:.1f}",
            "rate": f"{report.legs / max(report.seconds, 0.001):,.0f}",
        }
        self.stdout.write(
            _("%(books)s books, %(operations)s operations, %(legs)s postings in %(seconds)s s (%(rate)s postings/s).") % counted
        )
        if report.is_clean:
            self.stdout.write(self.style.SUCCESS(_("Nothing is lost: every invariant holds.")))
            return
        wrong = ngettext("%(count)s thing is wrong.", "%(count)s things are wrong.", report.wrong)
        self.stdout.write(self.style.ERROR(wrong % {"count": f"{report.wrong:,}"}))

    def export(self) -> None:
        connection.ensure_connection()
        path, written = heads.export(connection.connection)
        lines = ngettext("%(count)s line added to %(path)s.", "%(count)s lines added to %(path)s.", written)
        self.stdout.write(lines % {"count": written, "path": path})
        self.stdout.write(_("Public key for auditors (Ed25519, base64): %(key)s") % {"key": heads.public_key()})

    def close(self, given: str) -> None:
        try:
            until = datetime.fromisoformat(given)
        except ValueError as fault:
            raise CommandError(_("“%(given)s” is not a day or a moment.") % {"given": given}) from fault
        zone = ZoneInfo(str(settings.TIME_ZONE))
        try:
            period = periods.close(until=until if until.tzinfo else until.replace(tzinfo=zone), by=system("command line"))
        except Refused as no:
            raise CommandError(str(no)) from no
        self.stdout.write(_("Closed until %(until)s.") % {"until": period.closed_until.astimezone(zone).isoformat()})
        self.export()
