"""The rules that are ours: what review said twice became a test here."""

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from types import FunctionType

from django.urls import URLPattern, URLResolver, get_resolver

from chuzhi.core.actors import Actor

CHECKOUT = Path(__file__).resolve().parent.parent
SOURCE = CHECKOUT / "src" / "chuzhi"
WRITTEN_BY_US = sorted(
    path
    for folder in ("src", "tests", "bench", "scripts")
    for path in (CHECKOUT / folder).rglob("*.py")
    if "migrations" not in path.parts
)
MODULES = [path for path in WRITTEN_BY_US if path.is_relative_to(SOURCE)]
LONGEST_MODULE, LONGEST_FUNCTION = 400, 60
NO_SUBJECT = {"utils", "util", "helpers", "common", "services", "managers", "misc", "base", "tools"}
MONEY_PACKAGES = ("refunds", "wallets", "loyalty", "till", "topups")
SETTING_READERS = {"read", "flag", "number"}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts).removesuffix(".__init__")


def test_no_module_is_longer_than_its_subject() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in WRITTEN_BY_US}

    assert {path: length for path, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_every_function_fits_a_screen() -> None:
    too_long = [
        f"{path}:{function.lineno} {function.name}"
        for path in WRITTEN_BY_US
        for function in functions(path)
        if (function.end_lineno or 0) - function.lineno + 1 > LONGEST_FUNCTION
    ]

    assert too_long == []


def test_every_file_has_a_subject() -> None:
    assert [path for path in WRITTEN_BY_US if path.stem in NO_SUBJECT] == []


def test_every_package_says_what_belongs_in_it() -> None:
    packages = [path for path in SOURCE.glob("*/__init__.py") if path.parent.name != "locale"]

    assert [path for path in packages if not ast.get_docstring(tree(path))] == []
    assert [path for path in packages if len(tree(path).body) > 1] == []


def test_nothing_is_left_to_do_without_a_ticket() -> None:
    mark = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b(?!\(#\d+\))")

    assert [path for path in WRITTEN_BY_US if path != Path(__file__) and mark.search(path.read_text(encoding="utf-8"))] == []


def test_no_path_of_a_machine_is_in_the_code() -> None:
    ours = re.compile(rf"{re.escape(str(CHECKOUT))}\b|{re.escape(str(Path.home()))}/\w|[\"' ]/home/\w")

    assert [path for path in WRITTEN_BY_US if path != Path(__file__) and ours.search(path.read_text(encoding="utf-8"))] == []


def test_no_ignored_check_is_without_its_code_and_reason() -> None:
    bare = re.compile(r"#\s*(noqa(?!: [A-Z]+\d+)|type: ignore(?!\[))")

    assert [path for path in WRITTEN_BY_US if bare.search(path.read_text(encoding="utf-8"))] == []


def test_every_setting_is_documented() -> None:
    documented = set(re.findall(r"`([A-Z][A-Z_]+)`", (CHECKOUT / "docs/operating/settings.md").read_text(encoding="utf-8")))

    read = {name for path in MODULES for name in settings_read_in(path)}

    assert read - documented == set()
    assert {name for name in documented if name.startswith("CHUZHI_")} - read == set(), "documented, and read by nobody"


def settings_read_in(path: Path) -> Iterator[str]:
    for call in (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)):
        of_environment = isinstance(call.func, ast.Attribute) and call.func.attr in SETTING_READERS
        within = isinstance(call.func, ast.Name) and call.func.id in SETTING_READERS and path.name == "environment.py"
        if (of_environment or within) and call.args and isinstance(call.args[0], ast.Constant):
            name = call.args[0].value
            if isinstance(name, str) and re.fullmatch(r"[A-Z][A-Z_]+", name):
                yield name


def test_settings_are_read_in_one_place_only() -> None:
    elsewhere = re.compile(r"os\.(environ\[|environ\.get|getenv)")

    assert [
        path for path in MODULES if path.name != "environment.py" and elsewhere.search(path.read_text(encoding="utf-8"))
    ] == []


def money_commands() -> list[FunctionType]:
    """Public functions of the money packages that take a key, or an amount and who asks.

    One that begins with `by` asks about the actor, and moves nothing.
    """
    found = []
    for path in MODULES:
        package = path.relative_to(SOURCE).parts[0]
        if package in MONEY_PACKAGES and path.stem not in {"__init__", "models", "rules"} and "management" not in path.parts:
            module = import_module(dotted(path))
            for name, function in vars(module).items():
                if isinstance(function, FunctionType) and not name.startswith("_") and function.__module__ == module.__name__:
                    taken = list(inspect.signature(function).parameters)
                    if ("key" in taken or {"amount", "by"} <= set(taken)) and taken[0] != "by":
                        found.append(function)
    return found


def test_every_money_command_says_which_and_who_by_name() -> None:
    kinds = {
        f"{command.__module__}.{command.__name__}": [
            inspect.signature(command).parameters[name].kind if name in inspect.signature(command).parameters else None
            for name in ("key", "by")
        ]
        for command in money_commands()
    }

    by_name_only = [inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.KEYWORD_ONLY]
    assert {name: kind for name, kind in kinds.items() if kind != by_name_only} == {}


def views(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, object]]:
    for pattern in patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from views(pattern.url_patterns, address)
        else:
            yield address, pattern.callback


def test_every_address_names_its_permission() -> None:
    """A view says `permission = "…"`, or `public = True`; one that says neither is stopped here."""
    silent = [
        address
        for address, view in views(get_resolver().url_patterns)
        if not (isinstance(getattr(view, "permission", None), str) or getattr(view, "public", False) is True)
    ]

    assert silent == []


def test_who_asks_is_known_by_an_actor_everywhere() -> None:
    wrong = [
        f"{command.__module__}.{command.__name__}"
        for command in money_commands()
        if "by" in inspect.signature(command).parameters and command.__annotations__.get("by") not in {Actor, "Actor"}
    ]

    assert wrong == []


def test_tests_mirror_the_source() -> None:
    """A folder of tests is named for a package; a file in it, for a module or for a rule that no one module holds."""
    packages = {path.name for path in SOURCE.iterdir() if path.is_dir()} | {"browser", "proof"}
    folders = {path.name for path in (CHECKOUT / "tests").iterdir() if path.is_dir() and any(path.glob("test_*.py"))}

    assert folders - packages == set()


def test_no_signals_and_no_save_overrides() -> None:
    signals = re.compile(r"@receiver\(|django\.(db\.models|core|dispatch)(\.| import )signals?\b")
    saving = [
        f"{path}:{function.lineno}"
        for path in MODULES
        if path.stem == "models"
        for function in functions(path)
        if function.name == "save"
    ]

    assert [path for path in MODULES if signals.search(path.read_text(encoding="utf-8"))] == []
    assert saving == []


def test_a_lock_on_a_joined_row_says_whose() -> None:
    """Without `of` it locks the joined rows too: a store's for each of its tills, and every sale there waits."""
    lock, join = r"select_for_update\((?!.*\bof=)", r"\.select_related\("
    loose = re.compile(rf"{lock}[^\n]*{join}|{join}[^\n]*{lock}")

    assert [path for path in MODULES if loose.search(path.read_text(encoding="utf-8"))] == []
