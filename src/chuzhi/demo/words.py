"""What the demo says of itself on the command line."""

from chuzhi.core import money
from chuzhi.demo.models import DemoRun


def verdict(run: DemoRun) -> str:
    """Baskets and sales as loaded beside the source's own, and what the verifier found."""
    told, there = money.plain(run.amount_told, "CNY"), money.plain(run.amount, "CNY")
    free = f", {run.free_baskets_told:,} of them given away" if run.free_baskets_told else ""
    found = "and finds nothing wrong" if run.findings == 0 else f"AND FINDS {run.findings} THINGS WRONG"
    return "\n".join(
        [
            f"Households  {run.households_told:>12,} of {run.households:,}",
            f"Baskets     {run.baskets_told:>12,} of {run.baskets:,}{free}",
            f"Sales       {told:>12} yuan of {there}",
            f"Top-ups     {run.top_ups_told:>12,} by the rule in src/chuzhi/demo/rules.py",
            f"The verifier has read every entry {found}.",
        ]
    )
