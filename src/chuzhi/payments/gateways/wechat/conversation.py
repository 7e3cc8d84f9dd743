"""Asking the provider: every request is signed, every answer is verified before a word of it is believed."""

import contextlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from chuzhi.payments.gateways.calling import Answer, Caller
from chuzhi.payments.gateways.contract import Decline, ForgedError, NotSentError, OutcomeUnknownError, ProviderRefusedError
from chuzhi.payments.gateways.wechat import facts, signing
from chuzhi.payments.gateways.wechat.account import Account
from chuzhi.payments.gateways.wechat.facts import Facts
from chuzhi.payments.gateways.wechat.trust import Trust

UNDECIDED = {"SYSTEMERROR", "BANKERROR"}
"""Codes after which money may have moved. All codes here without underscores: the provider writes both."""

UNDER_WAY = {"USERPAYING", "ORDERPAID", "ORDERACCEPTED"}
"""A payment that is refused for one of these is not over: it has been begun before, or has even been paid."""

DECLINES = {
    "NOTENOUGH": Decline.LATER,
    "RULELIMIT": Decline.LATER,
    "FREQUENCYLIMITED": Decline.LATER,
    "RATELIMITEXCEEDED": Decline.LATER,
    "TRADEERROR": Decline.LATER,
    "AUTHCODEEXPIRE": Decline.ASK,
    "AUTHCODEERROR": Decline.ASK,
    "AUTHCODEINVALID": Decline.ASK,
    "PAYERCLOSED": Decline.ASK,
    "ACCOUNTERROR": Decline.NEVER,
    "USERACCOUNTABNORMAL": Decline.NEVER,
    "NOTSUPORTCARD": Decline.NEVER,
    "CONTRACTNOTEXIST": Decline.NEVER,
    "CONTRACTERROR": Decline.NEVER,
}


@contextlib.contextmanager
def starting() -> Iterator[None]:
    """Around asking to be paid: what is under way has to be asked about, whatever the words of the refusal."""
    try:
        yield
    except ProviderRefusedError as no:
        if plain(no.reason) in UNDER_WAY:
            raise OutcomeUnknownError(no.reason) from no
        raise


def plain(code: str) -> str:
    return code.replace("_", "").upper()


class Conversation:
    """Signed calls to one provider for one merchant."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._caller = Caller(account.address)
        self.trust = Trust(account, lambda: self._call("GET", "/v3/certificates"))

    def ask(self, method: str, target: str, content: Mapping[str, object] | None = None) -> Facts:
        """The provider's answer. Raises NotSentError, OutcomeUnknownError, ProviderRefusedError."""
        body = b"" if content is None else json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        answer = self._call(method, target, body)
        if answer.status >= 500:
            raise OutcomeUnknownError(f"{answer.status} {answer.body[:200]!r}")
        said = self._believed(answer)
        if answer.status < 300:
            return said
        raise refusal(facts.text(said, "code"), facts.text(said, "message"))

    def fetch(self, target: str) -> bytes:
        """A file. Its answer is not signed; whoever wants it has been given its hash in one that is."""
        answer = self._call("GET", target)
        if answer.status != 200:
            raise OutcomeUnknownError(f"{answer.status} instead of a file")
        return answer.body

    def post_unsigned(self, target: str, body: bytes) -> Answer:
        """For calls of the older interface, whose bodies carry their signature themselves."""
        return self._caller.call("POST", target, headers={"content-type": "text/xml; charset=utf-8"}, body=body)

    def hang_up(self) -> None:
        self._caller.close()

    def _call(self, method: str, target: str, body: bytes = b"") -> Answer:
        headers = {
            "accept": "application/json",
            "accept-encoding": "identity",
            "content-type": "application/json",
            "user-agent": "chuzhi",
            "authorization": signing.authorization(self._account, method, target, body),
        }
        if self._account.public_key_id:
            headers["wechatpay-serial"] = self._account.public_key_id
        return self._caller.call(method, target, headers=headers, body=body)

    def _believed(self, answer: Answer) -> Facts:
        try:
            self.trust.check(answer.headers, answer.body, now=datetime.now(UTC))
            return facts.parse(answer.body)
        except NotSentError as fault:  # the keys could not be fetched; what was asked has been sent all the same
            raise OutcomeUnknownError(f"{answer.status}, and no key to verify it: {fault}") from fault
        except (ForgedError, ValueError) as fault:
            if answer.status == 401:  # whom it does not recognise it may answer unsigned, and does nothing for
                raise ProviderRefusedError("SIGN_ERROR", "The provider does not recognise our signature.") from fault
            raise OutcomeUnknownError(f"{answer.status}, not to be believed: {fault}") from fault


def refusal(code: str, sentence: str) -> Exception:
    if plain(code) in UNDECIDED:
        return OutcomeUnknownError(code)
    return ProviderRefusedError(code, sentence, decline=DECLINES.get(plain(code)))
