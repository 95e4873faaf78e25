"""Who and what made a draft, what was redacted, and the redacted text for who may read it."""

import pytest
from tests.web.review.model_call import seed_model_call

from therapyflows.core.ids import derived_id
from therapyflows.core.session_note.made_by import making_of
from therapyflows.governance.audit.model import Action


def test_without_a_model_the_page_says_that_nothing_left(world) -> None:
    page = world.signed_in().get(f"{world.path}/made").text
    assert "Evidence drafter, no language model" in page
    assert "No language model was asked" in page
    assert "http://127.0.0.1:4200/runs/flow-run/run-1" in page


def test_calls_time_tokens_and_what_was_redacted(world) -> None:
    seed_model_call(world)
    seed_model_call(world)
    seed_model_call(world, left=False)
    making = making_of(world.store.audit, world.record())
    assert making.replaced == {"CLIENT": 12, "DATE": 6}
    assert (len(making.calls), making.tokens, making.seconds) == (3, 4500, 7.5)
    page = world.signed_in().get(f"{world.path}/made").text
    assert "azure:gpt-x (business associate)" in page
    assert "not sent: unredacted_text" in page
    assert "4500 tokens" in page


def test_calls_for_another_session_are_not_counted(world) -> None:
    seed_model_call(world)
    other = world.seed(2, "c-1")
    assert making_of(world.store.audit, world.store.drafts.get(other)).calls == ()


def test_the_redacted_text_is_shown_to_who_may_edit_and_that_is_told(world) -> None:
    call = seed_model_call(world, user="[CLIENT] said <b>hello</b>.")
    page = world.signed_in().get(f"{world.path}/made/{call}").text
    assert "[CLIENT] said &lt;b&gt;hello&lt;/b&gt;." in page
    assert [d.get("model_call") for d in world.details(Action.DRAFT_VIEWED)] == [call]
    assert world.signed_in("u-sup").get(f"{world.path}/made/{call}").status_code == 200


def test_each_call_that_is_read_and_the_page_of_them_are_told(world) -> None:
    calls = [seed_model_call(world), seed_model_call(world)]
    client = world.signed_in()
    for path in ("", *(f"/{call}" for call in calls), f"/{calls[0]}"):
        client.get(f"{world.path}/made{path}")
    told = world.details(Action.DRAFT_VIEWED)
    assert [d.get("model_call") or d["what"] for d in told] == ["making", *calls]


def test_a_text_that_is_no_longer_kept_and_a_call_of_another_draft_are_not_found(world) -> None:
    call = seed_model_call(world)
    other = world.seed(2, "c-1")
    client = world.signed_in()
    assert client.get(f"/drafts/{other}/made/{call}").status_code == 404
    assert client.get(f"{world.path}/made/mdl_0").status_code == 404
    world.store.contents.delete(derived_id("cnt", call, "prompt"))
    assert client.get(f"{world.path}/made/{call}").status_code == 404


@pytest.mark.parametrize("user_id", ["u-coll", "u-bill", "u-mgr"])
def test_somebody_without_the_right_is_refused(world, user_id: str) -> None:
    call = seed_model_call(world)
    client = world.signed_in(user_id)
    assert client.get(f"{world.path}/made").status_code in (403, 404)
    assert client.get(f"{world.path}/made/{call}").status_code in (403, 404)
    assert len(world.actions(Action.ACCESS_DENIED)) >= 2
