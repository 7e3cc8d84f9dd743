from chuzhi.messaging.letters import Letter


def send(letter: Letter) -> str:
    """The text is kept with its delivery, where the inbox reads it: nothing more is to be done."""
    return letter.number
