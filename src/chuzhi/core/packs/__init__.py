"""What law and policy say about stored value, as dated data: one file a jurisdiction, with sources and its own test cases.

`data` holds the packs, `rules` answers from one of them, `reading` reads them. Who picks which pack is not decided here.
"""
