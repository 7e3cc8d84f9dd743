"""What every package may lean on: saying no, who did it, counting money, keeping secrets, and what the law says (`packs`).

Nothing here knows a business noun. If a thing has one, it belongs in the package of that noun.
"""
