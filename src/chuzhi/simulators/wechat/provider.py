"""`chuzhi simulate wechat`: the whole provider, from its keys to its switchboard."""

from pathlib import Path

from chuzhi.simulators import stage
from chuzhi.simulators.stage import Stage
from chuzhi.simulators.wechat import bills, contracts, keys, orders, pages, refunds, switchboard
from chuzhi.simulators.wechat.counter import Answered, Counter
from chuzhi.simulators.wechat.envelopes import rfc3339
from chuzhi.simulators.wechat.keys import APP, MERCHANT, PLAN


def make(folder: Path, seed: int) -> Stage:
    provider = Stage("wechat", folder=folder, seed=seed)
    counter = Counter(provider, keys.ready(folder))
    provider.account = lambda: _account(counter)
    counter.route("GET", "/v3/certificates")(lambda _request: _certificates(counter))
    orders.add(counter)
    refunds.add(counter)
    contracts.add(counter)
    bills.add(counter)
    pages.add(counter)
    switchboard.add(counter)
    return provider


def _account(counter: Counter) -> dict[str, str]:
    """A merchant whose notices are signed with platform certificates; `/_control/signer` answers what the newer way needs."""
    held = counter.keys
    return {
        "merchant": MERCHANT,
        "app": APP,
        "certificate_serial": held.merchant_serial,
        "private_key": held.merchant_pem(),
        "v3_key": held.v3_key,
        "plan": PLAN,
        "v2_key": held.v2_key,
        "address": counter.stage.address,
    }


def _certificates(counter: Counter) -> Answered:
    listed = []
    for key in counter.keys.certificates:
        assert key.certificate  # noqa: S101 # those in the list have one
        listed.append(
            {
                "serial_no": key.serial,
                "effective_time": rfc3339(key.certificate.not_valid_before_utc),
                "expire_time": rfc3339(key.certificate.not_valid_after_utc),
                "encrypt_certificate": counter.envelopes.sealed(key.certificate_pem, "certificate"),
            }
        )
    return 200, {"data": listed}


def main(arguments: list[str] | None = None) -> None:
    stage.run(make, arguments)


if __name__ == "__main__":
    main()
