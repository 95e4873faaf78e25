"""What stands on a run's page in Prefect beside what the run itself wrote there."""

from prefect.client.schemas.actions import ArtifactCreate, ArtifactUpdate
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId, ArtifactFilterKey

from therapyflows.integrations.prefect_runs import new_client, read_run, run_id_of, translated


class PrefectPages:
    """The port ``RunPages``."""

    async def show(self, flow_run_id: str, *, key: str, title: str, text: str) -> None:
        """Put markdown on the run's page, in place of what stands there under the key.

        Raises NotFound (Prefect knows no such run), Transient.
        """
        run_id = run_id_of(flow_run_id)
        wanted = ArtifactFilter(key=ArtifactFilterKey(any_=[key]), flow_run_id=ArtifactFilterFlowRunId(any_=[run_id]))
        async with new_client() as client:
            await read_run(client, run_id)
            with translated(flow_run_id=flow_run_id):
                standing = await client.read_artifacts(artifact_filter=wanted)
                if standing:
                    await client.update_artifact(standing[0].id, ArtifactUpdate(data=text, description=title))
                else:
                    new = ArtifactCreate(key=key, type="markdown", description=title, data=text, flow_run_id=run_id)
                    await client.create_artifact(new)
