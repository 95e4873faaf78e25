"""A simulated behavioral-health EHR that speaks the contract.  Imports nothing of ours."""
