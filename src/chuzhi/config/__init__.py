"""The only place that sees everything: settings, addresses, wiring, the clock, and the `chuzhi` command."""
