"""A customer asks a service agent for a top-up: what stands in its way, who may clear that, and how it is paid in the end."""
