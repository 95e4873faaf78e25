"""Pages travel compressed, but never in a way that tells a stranger by their length what stands in them."""

import httpx
import pytest

OURS = {"Sec-Fetch-Site": "same-origin", "Accept-Encoding": "gzip"}


def sent(client: httpx.Client, path: str, **headers: str) -> httpx.Response:
    return client.get(path, headers=OURS | headers)


def test_a_page_and_its_files_travel_compressed_and_say_so(world) -> None:
    client = world.signed_in()
    for path in (world.path, "/static/review.css", "/static/draft.js"):
        answer = sent(client, path)
        assert answer.headers["content-encoding"] == "gzip", path
        assert "Accept-Encoding" in answer.headers["vary"]
        assert int(answer.headers["content-length"]) < len(answer.content) / 2
    assert "Marigold Fernweh" in sent(client, world.path).text


@pytest.mark.parametrize("site", ["cross-site", "same-site", ""])
def test_what_another_site_asks_for_is_not_compressed(world, site: str) -> None:
    answer = sent(world.signed_in(), world.path, **{"Sec-Fetch-Site": site})
    assert "content-encoding" not in answer.headers


def test_what_holds_words_of_its_address_is_not_compressed(world) -> None:
    assert "content-encoding" not in sent(world.signed_in("u-mgr"), "/audit?client=guess").headers


def test_an_answer_to_a_form_is_not_compressed(world) -> None:
    answer = world.signed_in().post(f"{world.path}/reject", data={"version": "2"}, headers=OURS)
    assert answer.status_code == 422
    assert "content-encoding" not in answer.headers


def test_a_piece_of_the_recording_is_sent_as_it_is(world) -> None:
    answer = sent(world.signed_in(), f"{world.path}/recording", Range="bytes=0-9999")
    assert (answer.status_code, len(answer.content)) == (206, 10_000)
    assert "content-encoding" not in answer.headers
    assert "content-encoding" not in sent(world.signed_in(), f"{world.path}/recording").headers
