"""The stand-in as a process: `chuzhi simulate webhooks --folder FOLDER`.

It knows the secrets that it was given (`POST /_control/secrets`), and takes only what is signed by one of them, lately. Beside
the faults of every stand-in: `gone` answers 410, `redirect` sends the caller elsewhere.
"""

import base64
import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Any

from chuzhi.simulators.stage import Request, Response, Stage, run

GONE, REDIRECT = "gone", "redirect"
FRESH_SECONDS = 300


class Listener:
    """What was heard, in order; `bad` counts calls that nobody can have sent who knows a secret."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.secrets: list[str] = []
        self.heard: list[dict[str, Any]] = []
        self.bad = 0

    def listen(self, request: Request) -> Response:
        if self.stage.faults.strikes(GONE):
            return Response(status=410)
        if self.stage.faults.strikes(REDIRECT):
            return Response(status=302, headers={"Location": f"{self.stage.address}/elsewhere"})
        with self.stage.lock:
            good = sum(self._is_good(request, secret) for secret in self.secrets)
            if not good:
                self.bad += 1
                return Response(status=401)
            self.heard.append({"id": request.headers["webhook-id"], "marks": good, "body": json.loads(request.body)})
        return Response(status=204)

    def _is_good(self, request: Request, secret: str) -> bool:
        number, stamp = request.headers.get("webhook-id", ""), request.headers.get("webhook-timestamp", "0")
        if not stamp.isdigit() or abs(time.time() - int(stamp)) > FRESH_SECONDS:
            return False
        said = b".".join([number.encode(), stamp.encode(), request.body])
        mark = hmac.new(base64.b64decode(secret.split("_", 1)[1]), said, hashlib.sha256).digest()
        given = request.headers.get("webhook-signature", "").split()
        return any(hmac.compare_digest(f"v1,{base64.b64encode(mark).decode()}", each) for each in given)

    def know(self, request: Request) -> Response:
        self.secrets = list(json.loads(request.body)["secrets"])
        return Response.json({})


def make(folder: Path, seed: int) -> Stage:
    stage = Stage("webhooks", folder=folder, seed=seed)
    listener = Listener(stage)
    stage.route("POST", "/hook")(listener.listen)
    stage.route("POST", "/_control/secrets")(listener.know)
    stage.books = lambda: {"heard": listener.heard, "bad": listener.bad}
    stage.account = lambda: {"address": f"{stage.address}/hook"}
    return stage


def main(arguments: list[str] | None = None) -> None:
    run(make, arguments)
