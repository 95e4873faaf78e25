"""What the pages say, over plain HTTP."""


def test_slice(world):
    c = world.signed_in()
    r = c.get("/")
    assert "Marigold Fernweh" in r.text, r.text
    r = c.get(f"/drafts/{world.draft_id}")
    assert r.status_code == 200, r.text
    assert "lying awake" in r.text
