"""What we tell customers and staff: written down with the act it is about, worded and delivered afterwards, once.

Whoever has something to say declares a kind of message (`kinds.Kind`, named in `config/wiring.py`) and calls `outbox.tell`.
A channel is a folder in `channels`; none of them knows another.
"""
