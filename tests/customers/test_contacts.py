from datetime import date

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuzhi.core.errors import Refused
from chuzhi.customers import contacts, errors

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("13812341234", "+8613812341234"),
        ("１３８１２３４１２３４", "+8613812341234"),
        (" 138-1234-1234 ", "+8613812341234"),
        ("+86 138 1234 1234", "+8613812341234"),
        ("0086 13812341234", "+8613812341234"),
        ("(010) 8888 6666", "+861088886666"),
        ("+852 2123 4567", "+85221234567"),
        ("+1 (212) 555-0123", "+12125550123"),
    ],
)
def test_a_phone_number_is_kept_in_e164(given: str, kept: str) -> None:
    assert contacts.phone(given) == kept


@pytest.mark.parametrize(
    "given",
    [
        "",
        "1",
        "1381234123",
        "138123412345",
        "23812341234",
        "abc",
        "13812341234x",
        "-13812341234",
        "1e10",
        "+86",
        "13812341234;e=5",
    ],
)
def test_what_is_no_phone_number_is_refused(given: str) -> None:
    with pytest.raises(errors.PhoneInvalid):
        contacts.phone(given)


@given(st.from_regex(r"1[0-9]{10}", fullmatch=True))
def test_the_short_way_accepts_what_the_library_accepts(number: str) -> None:
    try:
        valid = phonenumbers.is_valid_number(phonenumbers.parse(number, "CN"))
    except phonenumbers.NumberParseException:
        valid = False

    try:
        kept = contacts.phone(number)
    except errors.PhoneInvalid:
        kept = ""

    assert bool(kept) is valid


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("+8613812341234", "138****1234"),
        ("+85221234567", "****4567"),
        ("+12125550123", "21****0123"),
    ],
)
def test_a_mask_shows_the_last_four(phone: str, masked: str) -> None:
    assert contacts.masked_phone(phone) == masked


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_a_mask_hides_four_digits_and_keeps_the_length(number: str) -> None:
    masked = contacts.masked_phone(f"+86{number}")

    assert (len(masked), masked.count("*")) == (11, 4)
    assert all(shown in {"*", digit} for shown, digit in zip(masked, number, strict=True))


@pytest.mark.parametrize("given", ["Li.Lei@Example.COM", " li.lei@example.com ", "ｌｉ.ｌｅｉ@example.com"])
def test_an_address_is_kept_in_lower_case(given: str) -> None:
    assert contacts.email(given) == "li.lei@example.com"


@pytest.mark.parametrize(
    "given", ["", "a", "a@", "@b.cn", "a@b", "a..b@c.com", "a b@c.com", "a@b.com\nBcc: x@y.cn", "a@-b.com"]
)
def test_what_is_no_address_is_refused(given: str) -> None:
    with pytest.raises(errors.EmailInvalid):
        contacts.email(given)


@pytest.mark.parametrize("given", ["11010519491231002X", "11010519491231002x", "440524188001010014"])
def test_a_resident_identity_number_is_read(given: str) -> None:
    assert contacts.identity_number(given) == given.upper()


@pytest.mark.parametrize(
    "given", ["", "110105194912310021", "11010519491331002X", "1101051949123100", "A1010519491231002X", "1.10105194912e+17"]
)
def test_a_wrong_check_digit_or_date_is_refused(given: str) -> None:
    with pytest.raises(errors.IdentityNumberInvalid):
        contacts.identity_number(given)


@pytest.mark.parametrize("given", ["1990-05-31", "1990/5/31", "1990.5.31", "1990年5月31日", "19900531", "１９９０-05-31"])
def test_a_birthday_is_read_as_people_write_it(given: str) -> None:
    assert contacts.birthday(given, today=TODAY) == date(1990, 5, 31)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ("2026-11-23", errors.BirthdayFuture),
        ("1890-01-01", errors.BirthdayTooEarly),
        ("1990-02-30", errors.BirthdayInvalid),
        ("31/05/1990", errors.BirthdayInvalid),
        ("yesterday", errors.BirthdayInvalid),
        ("0000-00-00", errors.BirthdayInvalid),
    ],
)
def test_a_birthday_that_cannot_be_is_refused(given: str, error: type[Refused]) -> None:
    with pytest.raises(error):
        contacts.birthday(given, today=TODAY)
