"""The `chuzhi` command: a few words of its own, and every package's management commands with the database up around them.

Django is imported only by the commands that need it, so that the processes which merely watch others stay small.
"""

import argparse
import contextlib
import errno
import importlib
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib import metadata
from pathlib import Path
from types import FrameType

import psycopg

from chuzhi.config import environment, preflight, prepared, serving, supervision

WITHOUT_DATABASE = {"check", "collectstatic", "diffsettings", "findstatic", "makemessages", "makemigrations"}
STAND_INS = ("wechat", "alipay", "stripe")
"""Providers whose stand-ins run beside the demo, so that a person can pay on screen."""
CANNOT_WRITE = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chuzhi.config.settings")
    signal.signal(signal.SIGTERM, _leave)
    name, *arguments = sys.argv[1:] or ["help"]
    try:
        if name in {"help", "-h", "--help"} and not arguments:
            sys.stdout.write(_help())
        elif name in OWN:
            OWN[name](arguments)
        else:
            _of_a_package(name.replace("-", "_"), arguments)
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except Exception as fault:
        if line := _in_one_line(fault):
            raise SystemExit(line) from fault
        raise


def serve(arguments: Sequence[str]) -> None:
    """Start everything: database, web and worker; Ctrl-C stops them together."""
    given = _with_address(_parser(serve)).parse_args(arguments)
    supervision.serve(environment.data_folder(), host=given.host, port=given.port)


def web(arguments: Sequence[str]) -> None:
    """Start the web server alone, for installations of several machines."""
    given = _with_address(_parser(web)).parse_args(arguments)
    _alone(given, lambda: serving.web(host=given.host, port=given.port))


def worker(arguments: Sequence[str]) -> None:
    """Start the worker alone: what is done later, and what is done by the clock."""
    _alone(_supervisable(_parser(worker)).parse_args(arguments), serving.worker)


def migrate(arguments: Sequence[str]) -> None:
    """Bring the database, and this machine's copies of scripts and words, up to date."""
    parser = _parser(migrate)
    parser.add_argument("--check", action="store_true", help="only say whether something is missing (then exit code 1)")
    given = parser.parse_args(arguments)
    with preflight.database(environment.data_folder()):
        schema = serving.schema()
        _ready_our_files()
        if not given.check:
            schema.bring_up_to_date()
        elif missing := schema.missing():
            raise SystemExit(f"The database lacks {len(missing)} migrations of this version: run `chuzhi migrate`.")


def prepare(arguments: Sequence[str]) -> None:
    """What `serve` asks for before it starts the rest. Answers a link for the first administrator while there is nobody."""
    parser = _parser(prepare)
    parser.add_argument("base_url")
    given = parser.parse_args(arguments)
    data = environment.data_folder()
    with preflight.database(data) as database:
        _bring_up_to_date()
        from django.contrib.auth import get_user_model
        from django.core.management import call_command

        if get_user_model().objects.exists():
            prepared.remember(data, database.url)
        else:
            call_command("admin_link", base_url=given.base_url)


def _bring_up_to_date() -> None:
    serving.set_up_django()
    _ready_our_files()
    serving.schema().bring_up_to_date(verbosity=0)


def _ready_our_files() -> None:
    from chuzhi.config import assets, translations

    translations.compile_stale()
    assets.gather_stale()


def demo(arguments: Sequence[str]) -> None:
    """Fill an empty installation with a believable year in a chain of shops, and serve it."""
    parser = _with_address(_parser(demo))
    parser.add_argument("--size", choices=["small", "full"], default="full", help="a few households, or the whole year")
    parser.add_argument("--invented", action="store_true", help="a year from a seed, even where the real one is installed")
    given = parser.parse_args(arguments)
    data, year = environment.data_folder(), ["--invented"] if given.invented else []
    preflight.check_port(given.host, given.port)
    with preflight.database(data), contextlib.ExitStack() as beside:
        address = supervision.address_of(given.host, given.port)
        os.environ.setdefault("CHUZHI_PUBLIC_URL", address.rstrip("/"))
        welcome = supervision.run_to_its_end("begin_demo", address, "--size", given.size, *year)
        folders = [beside.enter_context(_stand_in(provider, data, given.port + 1)) for provider in STAND_INS]
        supervision.run_to_its_end("demo_ways", *folders)
        if given.size == "full":
            beside.enter_context(supervision.Child("tell_demo", *year))
        supervision.serve(data, host=given.host, port=given.port, welcome=welcome)


def simulate(arguments: Sequence[str]) -> None:
    """Start a stand-in for a payment provider: `chuzhi simulate wechat --folder FOLDER`."""
    folder = Path(__file__).resolve().parent.parent / "simulators"
    known = sorted(path.parent.name for path in folder.glob("*/provider.py"))
    parser = _supervisable(_parser(simulate))
    parser.add_argument("provider", choices=known)
    given, more = parser.parse_known_args(arguments)
    if given.supervised:
        serving.leave_with(given.supervised)
    importlib.import_module(f"chuzhi.simulators.{given.provider}.provider").main(more)


@contextlib.contextmanager
def _stand_in(provider: str, data: Path, port: int) -> Iterator[str]:
    """A stand-in beside the demo, at the first free port from `port`. Answers its folder."""
    folder = data / "stand-ins" / provider
    (folder / "account.json").unlink(missing_ok=True)
    with supervision.Child("simulate", provider, "--folder", str(folder), "--port", str(preflight.free_port(port))) as child:
        child.wait_for(folder / "account.json")
        yield str(folder)


def version(_arguments: Sequence[str]) -> None:
    """Say which version this is."""
    sys.stdout.write(f"chuzhi {metadata.version('chuzhi')}\n")


OWN: dict[str, Callable[[Sequence[str]], None]] = {
    "demo": demo,
    "serve": serve,
    "web": web,
    "worker": worker,
    "migrate": migrate,
    "version": version,
    "simulate": simulate,
    "prepare": prepare,
}


def _of_a_package(name: str, arguments: list[str]) -> None:
    from django.core.management import execute_from_command_line

    if "--supervised" in arguments:
        place = arguments.index("--supervised")
        serving.leave_with(int(arguments[place + 1]))
        del arguments[place : place + 2]
    if name not in _commands_of_packages() | _commands_of_django():
        raise SystemExit(f"There is no command `{name}`; `chuzhi help` lists them.")
    if name in WITHOUT_DATABASE or {"-h", "--help"} & set(arguments):
        execute_from_command_line(["chuzhi", name, *arguments])
        return
    with preflight.database(environment.data_folder()):
        _bring_up_to_date()
        execute_from_command_line(["chuzhi", name, *arguments])


def _alone(given: argparse.Namespace, start: Callable[[], None]) -> None:
    if given.supervised:
        serving.leave_with(given.supervised)
    with preflight.database(environment.data_folder()):
        if not given.supervised:
            supervision.run_to_its_end("migrate", "--check")
        start()


def _parser(command: Callable[[Sequence[str]], None]) -> argparse.ArgumentParser:
    return argparse.ArgumentParser(prog=f"chuzhi {command.__name__}", description=command.__doc__)


def _with_address(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("--host", default=environment.read("CHUZHI_HOST", "127.0.0.1"), help="address to listen at")
    parser.add_argument("--port", type=int, default=environment.number("CHUZHI_PORT", default=8000), help="port to listen at")
    return _supervisable(parser)


def _supervisable(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("--supervised", type=int, metavar="PID", help=argparse.SUPPRESS)
    return parser


def _commands_of_packages() -> set[str]:
    """Found by their files: Django's own list would read the settings, and those the database's address, too early."""
    from django.core.management import find_commands

    packages = Path(__file__).resolve().parent.parent
    return {name for folder in packages.glob("*/management") for name in find_commands(str(folder))}


def _commands_of_django() -> set[str]:
    from django.core import management

    return {*management.find_commands(management.__path__[0]), "clearsessions", "collectstatic", "findstatic", "procrastinate"}


def _help() -> str:
    own = [f"  {name:<12}{command.__doc__}" for name, command in OWN.items() if command is not prepare]
    more = [f"  {name.replace('_', '-')}" for name in sorted(_commands_of_packages())]
    return "\n".join(["usage: chuzhi <command> [--help]", "", *own, *more, "", "Settings: docs/operating/settings.md", ""])


def _in_one_line(fault: Exception) -> str | None:
    """What a person can do something about; anything else is a bug and keeps its traceback."""
    causes = [fault, fault.__cause__]
    if any(isinstance(cause, psycopg.errors.DiskFull) for cause in causes):
        return "The disk of the database is full: free some space and start again."
    if isinstance(fault, OSError) and fault.errno in {errno.ENOSPC, errno.EDQUOT}:
        return f"The disk is full, and {fault.filename or 'a file'} could not be written."
    if isinstance(fault, OSError) and fault.errno in CANNOT_WRITE:
        return f"{fault.filename or 'A file'} cannot be used: {(fault.strerror or '').lower()}."
    return None


def _leave(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + signal.SIGTERM)


if __name__ == "__main__":
    main()
