"""The EHR contract: ``openapi.yaml`` is the single source for simulator and client."""
