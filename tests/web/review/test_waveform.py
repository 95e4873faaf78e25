"""The waveform: made once beside the requests, kept as long as the recording; and listening by it."""

import re

import pytest
from playwright.sync_api import Page, expect
from tests.web.review.conftest import line, serving_world

from therapyflows.core.consent_change.cascade import made_for
from therapyflows.core.session_note.waveform import Waveform
from therapyflows.governance.audit.model import Action


def ready(world, client) -> dict[str, object]:
    world.wait_until(lambda: client.get(f"{world.path}/waveform").status_code == 200, seconds=60)
    return client.get(f"{world.path}/waveform").json()


def test_it_is_made_once_and_kept_encrypted_as_long_as_the_recording(world) -> None:
    client = world.signed_in()
    assert client.get(f"{world.path}/waveform").status_code == 202
    found = ready(world, client)
    assert found["duration"] == pytest.approx(240, abs=0.5)
    assert max(found["peaks"]) == 255
    kept = [i for i in world.store.contents.of_client("c-1") if i.kind == "waveform"]
    assert [item.draft_id for item in kept] == [world.draft_id]
    due = world.record().created_at.timestamp() + world.deps.retention.recording_days * 86400
    assert kept[0].retain_until.timestamp() == pytest.approx(due, abs=1)
    made = made_for(world.store.contents, world.store.recordings, world.store.decisions, world.record())
    assert "waveform" in {item.kind for item in made}


def test_the_supervisor_sees_it_too(world) -> None:
    assert ready(world, world.signed_in("u-sup"))["ready"] is True


@pytest.mark.parametrize("user_id", ["u-coll", "u-bill", "u-mgr"])
def test_who_may_not_listen_may_not_see_it(world, user_id: str) -> None:
    assert world.signed_in(user_id).get(f"{world.path}/waveform").status_code in (403, 404)
    assert world.actions(Action.ACCESS_DENIED)


def test_without_a_recording_there_is_none(world) -> None:
    world.store.recordings.delete(world.record().recording_id)
    assert world.signed_in().get(f"{world.path}/waveform").status_code == 404


def test_a_recording_that_cannot_be_decoded_is_tried_once(store) -> None:
    tried: list[int] = []

    def undecodable(source) -> Waveform:
        tried.append(len(source.read(16)))
        return Waveform(0.0, ())

    with serving_world(store, waveform=undecodable) as world:
        assert ready(world, world.signed_in())["peaks"] == []
    assert tried == [16]


@pytest.mark.parametrize("failure", [ValueError("channel layout"), MemoryError()])
def test_a_recording_that_the_decoder_fails_on_is_tried_once(store, failure: Exception) -> None:
    tried: list[int] = []

    def failing(source) -> Waveform:
        tried.append(len(source.read(16)))
        raise failure

    with serving_world(store, waveform=failing) as world:
        assert ready(world, world.signed_in())["peaks"] == []
    assert tried == [16]


def playing(page: Page, name: str) -> float:
    return page.evaluate(f"document.querySelector('audio').{name}")


def test_listening_by_waveform_speed_and_skipping(draft: Page, world) -> None:
    slider = draft.get_by_role("slider", name="Place in the recording")
    expect(slider).to_be_visible(timeout=60_000)
    expect(slider).to_have_attribute("aria-valuemax", "240")
    slider.focus()
    draft.keyboard.press("End")
    expect(slider).to_have_attribute("aria-valuetext", "4:00 of 4:00")
    draft.keyboard.press("Home")
    draft.keyboard.press("PageUp")
    draft.keyboard.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", "0:25 of 4:00")
    draft.get_by_role("button", name="5 seconds ahead").click()
    expect(slider).to_have_attribute("aria-valuetext", "0:30 of 4:00")
    box = slider.bounding_box()
    assert box is not None
    draft.mouse.click(box["x"] + box["width"] / 2, box["y"] + 20)
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"^(1:59|2:00|2:01) of"))
    draft.get_by_label("Speed of playing").select_option("1.5")
    assert playing(draft, "playbackRate") == 1.5
    line(draft, "st1").focus()
    draft.keyboard.press(">")
    assert playing(draft, "playbackRate") == 1.75
    before = playing(draft, "currentTime")
    draft.keyboard.press("[")
    assert playing(draft, "currentTime") == pytest.approx(before - 5, abs=0.5)
    draft.reload()
    expect(draft.get_by_label("Speed of playing")).to_have_value("1.75")


def test_the_evidence_of_what_is_selected_is_marked_on_it(draft: Page) -> None:
    wave = draft.get_by_role("slider", name="Place in the recording")
    expect(wave).to_be_visible(timeout=60_000)
    pixels = "document.querySelector('#wave canvas').toDataURL()"
    nothing_selected = draft.evaluate(pixels)
    line(draft, "st11").focus()
    draft.wait_for_function(f"(before) => {pixels} !== before", arg=nothing_selected)
