"""TherapyFlows: Prefect flows that bring AI to a behavioral-health EHR, with the clinician in control."""

__version__ = "0.1.0"
