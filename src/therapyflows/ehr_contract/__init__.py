"""The EHR contract: ``openapi.yaml`` beside this file is the single source for simulator and client."""
