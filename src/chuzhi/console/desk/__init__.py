"""Pages of the service desk: the queue, one ticket with all that was done, a new one."""
