"""Does the ledger still say what happened? Every invariant re-derived from rows alone, by separate code.

Start at `verification.verify`. Only `again` calls the engine, to decide the whole journal a second time.
"""
