import gc

from django.apps import AppConfig

GARBAGE_AFTER = 20_000
"""Objects made before Python looks for cycles. At its usual 700 it looks several times in every batch of charges."""


class ConfigConfig(AppConfig):
    name = "chuzhi.config"

    def ready(self) -> None:
        """The last of the packages is loaded: they are wired together, and what there is now stays and is no garbage."""
        # Only now are there models to import.
        from chuzhi.config import wiring  # noqa: PLC0415

        wiring.connect()
        gc.collect()
        gc.freeze()
        gc.set_threshold(GARBAGE_AFTER)
