"""What the product decides.  Knows ports, not Prefect, HTTP or SQL."""
