"""What the law says, pack by pack, for people: each rule with its number, its days and its source."""
