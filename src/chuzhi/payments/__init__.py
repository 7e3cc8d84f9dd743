"""Money from and to the outside: what was intended, what each gateway said of it, what is still unknown, what came back."""
