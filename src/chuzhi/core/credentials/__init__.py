"""What people choose to keep others out, passwords and PINs: what is too easy to guess."""
