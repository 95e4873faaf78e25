"""Puts everything an operator sees into Prefect: work pool, deployments, limits, blocks, automations.

Running it again changes nothing that is already so, and keeps what an operator edited in a block.
"""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate, WorkPoolCreate
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound

from therapyflows.app.system import WORK_POOL
from therapyflows.blocks import register_blocks
from therapyflows.deployments.automations import register_automations

SPEECH_LIMIT = "therapyflows-speech"


def prefect_yaml() -> Path:
    """The deployments file: beside this module in an installed package, at the top of a checkout otherwise."""
    packaged = Path(__file__).with_name("prefect.yaml")
    return packaged if packaged.exists() else Path(__file__).parents[3] / "prefect.yaml"


async def deploy() -> None:
    """Apply all of it.  Raises CalledProcessError when Prefect refuses the deployments."""
    async with get_client() as client:
        await _work_pool(client)
        await _speech_limit(client)
    await asyncio.to_thread(_deployments)
    await register_blocks()
    async with get_client() as client:
        await register_automations(client)


async def _work_pool(client: PrefectClient) -> None:
    try:
        await client.create_work_pool(
            WorkPoolCreate(
                name=WORK_POOL,
                type="process",
                description="Runs of TherapyFlows, each a process of its own on the worker's machine.",
                concurrency_limit=max(4, 2 * (os.cpu_count() or 2)),
            )
        )
    except ObjectAlreadyExists:
        return


async def _speech_limit(client: PrefectClient) -> None:
    """How many recordings are recognized at once: each takes two cores for minutes, posting a note must not wait."""
    at_once = max(1, (os.cpu_count() or 2) // 2)
    try:
        await client.read_global_concurrency_limit_by_name(SPEECH_LIMIT)
    except ObjectNotFound:
        await client.create_global_concurrency_limit(GlobalConcurrencyLimitCreate(name=SPEECH_LIMIT, limit=at_once))


def _deployments() -> None:
    file = prefect_yaml()
    prefect = str(Path(sys.executable).with_name("prefect"))
    subprocess.run(  # noqa: S603  our own argv
        [prefect, "--no-prompt", "deploy", "--all", "--prefect-file", str(file)],
        check=True,
        cwd=file.parent,
        stdout=sys.stderr,
    )


def main() -> None:
    asyncio.run(deploy())


if __name__ == "__main__":
    main()
