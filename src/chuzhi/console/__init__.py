"""The staff's pages. They read, call one command, and answer; every decision is made below."""
