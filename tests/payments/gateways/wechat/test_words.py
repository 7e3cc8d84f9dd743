"""What is written for the provider, whatever people type."""

from hypothesis import given
from hypothesis import strategies as st

from chuzhi.payments.gateways.wechat import flat_xml
from chuzhi.payments.gateways.wechat.transactions import shortened

KEY = "k" * 32
NAMES = st.from_regex(r"[a-z_]{1,12}", fullmatch=True).filter(lambda name: name != "sign")


@given(st.text(max_size=400))
def test_a_subject_is_one_line_of_whole_characters_that_fits(subject: str) -> None:
    written = shortened(subject)

    assert len(written.encode()) <= 127
    assert written.isprintable()
    assert "".join(each for each in " ".join(subject.split()) if each.isprintable()).startswith(written)


@given(st.dictionaries(NAMES, st.text().map(shortened), min_size=1))
def test_what_is_written_is_read_and_its_signature_is_right(facts: dict[str, str]) -> None:
    read = flat_xml.read(flat_xml.write(facts, KEY))

    assert {name: value for name, value in read.items() if name != "sign"} == facts
    assert flat_xml.is_signed(read, KEY)


@given(st.dictionaries(NAMES, st.text(min_size=1).map(shortened).filter(bool), min_size=1), st.text(min_size=1, max_size=8))
def test_no_word_can_be_added_or_the_key_be_another(facts: dict[str, str], more: str) -> None:
    read = flat_xml.read(flat_xml.write(facts, KEY))

    assert not flat_xml.is_signed({**read, "total_fee_": more}, KEY)
    assert not flat_xml.is_signed(read, "j" * 32)
