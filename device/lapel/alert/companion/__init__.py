"""The officer's page, on the paired phone: beside the link the only package that may open a network socket."""
