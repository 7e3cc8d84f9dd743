"""What the shop sells and for how much. Who buys it is in `customers`, what was sold in `till`, top-up offers in `topups`."""
