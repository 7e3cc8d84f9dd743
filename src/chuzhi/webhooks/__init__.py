"""Programs of others that are told what happened here: written down with the act it is about, signed, sent afterwards, again
until it is taken.

Whoever has something to tell calls `calls.emit`. People are told by `messaging`; programs that ask us come by `api`.
"""
