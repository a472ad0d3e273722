"""Profile and site to adapters, one module a process: the only place that knows both sides of a port."""
