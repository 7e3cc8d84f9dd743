"""All lists by name: for addresses, and for the worker, who knows a list by nothing else."""

from typing import Any

from chuzhi.console.customers.listing import LISTING as CUSTOMERS
from chuzhi.console.desk.listing import LISTING as TICKETS
from chuzhi.console.journal.listing import LISTING as JOURNAL
from chuzhi.console.journal.sample import LISTING as SAMPLE
from chuzhi.console.lists.listing import Listing
from chuzhi.console.orders.listing import LISTING as ORDERS
from chuzhi.console.wallets.listing import LISTING as WALLETS

LISTINGS: dict[str, Listing[Any]] = {
    listing.name: listing for listing in (CUSTOMERS, WALLETS, ORDERS, JOURNAL, SAMPLE, TICKETS)
}
