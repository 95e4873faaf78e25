"""The plain alternative of the pipeline benchmark: a flow with as many empty tasks as a session note has before it
waits."""

from prefect import flow, task


@task
async def empty(number: int) -> int:
    return number


@flow(name="bare")
async def bare() -> None:
    for number in range(5):
        await empty(number)
