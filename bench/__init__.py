"""Every figure the README quotes, as a command.

Each rate stands beside pgbench, measured in the same run on the same server.
"""
