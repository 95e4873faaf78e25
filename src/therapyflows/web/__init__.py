"""The two web applications: gateway for machines, review for people."""
