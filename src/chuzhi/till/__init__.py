"""A sale at the counter and its receipt. How value moves is `wallets`; how the page looks is `console`."""
