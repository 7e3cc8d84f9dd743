"""What one person asks for and another must sign: the request as a row, who may decide it, and its being carried out once.

Nothing here knows what is asked for. A package above declares its kinds (`approvals.kinds.Kind`), and `config/wiring.py` says
which command each signature runs. How large an act may be before it needs a signature is data: see `authority`.
"""
