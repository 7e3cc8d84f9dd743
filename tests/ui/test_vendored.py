import hashlib
import tomllib

from chuzhi.ui import stylesheet


def test_the_committed_stylesheet_is_what_the_templates_give() -> None:
    assert stylesheet.is_current(), "run python -m chuzhi.ui.stylesheet"


def test_what_others_made_is_shipped_unchanged() -> None:
    listed = tomllib.loads((stylesheet.UI / "vendor.toml").read_text(encoding="utf-8"))

    for file in listed["file"]:
        assert hashlib.sha256((stylesheet.UI / file["path"]).read_bytes()).hexdigest() == file["sha256"], file["path"]
    vendored = {path for folder in ("css/vendor", "static/vendor") for path in (stylesheet.UI / folder).iterdir()}
    unlisted = vendored - {stylesheet.UI / file["path"] for file in listed["file"]}
    assert {path.suffix for path in unlisted} <= {".LICENSE"}
