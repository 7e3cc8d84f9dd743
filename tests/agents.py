"""Partners of the tests, with somebody and something of theirs, made through the real commands."""

import itertools
from dataclasses import dataclass

import make

import cast
from chuzhi.core.actors import Actor
from chuzhi.organization import invitations, keys, staff
from chuzhi.organization.models import Staff
from chuzhi.organization.partners import contracts, floats, logins
from chuzhi.organization.partners.models import Partner

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Agent:
    """A partner and one of its people."""

    partner: Partner
    person: Staff

    @property
    def by(self) -> Actor:
        return staff.actor_of(self.person)


def partner(paid_in: int = 1000_00, **agreed: object) -> Partner:
    made = contracts.add(code=f"P{next(_numbers)}", name="街角便利店", by=cast.OWNER, **agreed)  # type: ignore[arg-type]  # any terms
    if paid_in:
        floats.pay_in(partner=made, amount=paid_in, reference="bank", key=make.key(), by=cast.OWNER)
    return made


def agent(paid_in: int = 1000_00, **agreed: object) -> Agent:
    """A partner that has paid in, with somebody who came in by its invitation."""
    made = partner(paid_in, **agreed)
    return Agent(made, somebody_of(made))


def somebody_of(made: Partner, language: str = "en") -> Staff:
    link = logins.invite(partner=made, base_url="http://shop", by=cast.OWNER)
    number = next(_numbers)
    return invitations.accept(
        token=link.rstrip("/").rpartition("/")[2],
        username=f"agent{number}",
        name="韩梅梅",
        password=cast.PASSWORD,
        language=language,
    )


def program_of(made: Partner) -> Actor:
    _key, secret = logins.add_key(partner=made, name="till software", by=cast.OWNER)
    verified = keys.verify(secret)
    assert verified
    return verified.actor
