"""Run inputs.  They live outside the flow files, because a class defined in a flow file is another class when Prefect
loads the flow by its path."""

from prefect.input import RunInput


class WakeUp(RunInput):
    """What a waiting run is told when it is resumed.  A hint only: the flow reads the decision from the store."""

    decision_id: str
