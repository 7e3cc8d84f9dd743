"""Part of `chuzhi demo`: ways to pay through the stand-ins that are running."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from chuzhi.demo import ways


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folders", nargs="+", type=Path)

    def handle(self, **given: Any) -> None:
        for folder in given["folders"]:
            ways.connect(folder)
