"""What an operation does to a wallet: pure decisions on plain values, in the order they are asked, with one clock."""
