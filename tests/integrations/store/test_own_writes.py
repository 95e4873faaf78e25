from therapyflows.integrations.store import Store


def test_what_we_wrote_is_known_and_nothing_else(store: Store) -> None:
    store.own_writes.add("notes", "n-1")
    store.own_writes.add("notes", "n-1")
    assert store.own_writes.contains("notes", "n-1")
    assert not store.own_writes.contains("notes", "n-2")
    assert not store.own_writes.contains("tasks", "n-1")
