"""The product's own web server on the database of this test, to be looked at by a browser, killed and started again."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field

from django.db import connections

from product import answers, free_port, wait_until


@dataclass
class Site:
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        owner = connections["owner"].settings_dict
        where = f"{owner['USER']}:{owner['PASSWORD']}@{owner['HOST']}:{owner['PORT']}/{owner['NAME']}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "chuzhi.config.cli", "web", "--port", str(self.port)],
            env=os.environ | {"DATABASE_URL": f"postgresql://{where}", "CHUZHI_WEB_WORKERS": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        wait_until(lambda: answers(self.port), "the web server answers")

    def kill(self) -> None:
        """At once, in the middle of whatever it does."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None
