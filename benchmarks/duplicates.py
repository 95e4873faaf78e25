"""Near-duplicates of clients: found, and asked about wrongly, beside looking for the same name and birth date.

The practice is invented (Faker, fixed seed) and holds what makes this hard: couples, parents and children with one
name, twins, and namesakes.  Each new record is a client again, spoilt as forms spoil records, or somebody else.

    python benchmarks/duplicates.py [--clients 3000] [--new 1000] [--seed 7] [--json]
"""

import argparse
import json
import random
import time
from dataclasses import replace
from datetime import date, timedelta

from faker import Faker
from nicknames import NickNamer

from therapyflows.core.intake.duplicates import Identity, find_duplicates

NICKNAMES = NickNamer()


class Practice:
    """Invented people and the ways in which a form spoils a record."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.fake = Faker("en_US")
        self.fake.seed_instance(seed)

    def person(self, number: int, **same: object) -> Identity:
        fake = self.fake
        made = Identity(
            client_id=f"cli_{number}",
            first_name=fake.first_name(),
            last_name=fake.last_name(),
            birth_date=fake.date_of_birth(minimum_age=6, maximum_age=85),
            phone=fake.numerify("(%##) %##-####"),
            email=fake.email(),
            address_line=fake.street_address(),
            postal_code=fake.zipcode(),
            member_id=fake.bothify("???########").upper(),
        )
        return replace(made, **same)  # type: ignore[arg-type]

    def relative(self, number: int, of: Identity) -> Identity:
        """Somebody else of the same household."""
        shared = {
            name: getattr(of, name) for name in ("last_name", "phone", "address_line", "postal_code", "member_id")
        }
        kind = self.random.choice(("spouse", "child", "junior", "twin"))
        if kind == "junior":
            shared |= {"first_name": of.first_name}
        if kind == "twin":
            shared |= {"birth_date": of.birth_date}
        return self.person(number, **shared)

    def namesake(self, number: int, of: Identity) -> Identity:
        return self.person(number, first_name=of.first_name, last_name=of.last_name)

    def spoilt(self, client: Identity) -> Identity:
        """The same person's new form: one to three things differ, some are left out."""
        record = replace(client, client_id="new")
        for change in self.random.sample(self.changes, self.random.randint(1, 3)):
            record = change(self, record)
        left_out = self.random.sample(("phone", "email", "member_id", "address_line"), self.random.randint(0, 2))
        return replace(record, **dict.fromkeys(left_out, ""))

    def typo(self, text: str) -> str:
        at = self.random.randrange(len(text) - 1) if len(text) > 1 else 0
        kind = self.random.choice(("swap", "drop", "double", "other"))
        if kind == "swap":
            return text[:at] + text[at + 1 : at + 2] + text[at] + text[at + 2 :]
        if kind == "drop":
            return text[:at] + text[at + 1 :] or text
        if kind == "double":
            return text[: at + 1] + text[at:]
        return text[:at] + self.random.choice("aeiourtn") + text[at + 1 :]

    def _misspell_first(self, r: Identity) -> Identity:
        return replace(r, first_name=self.typo(r.first_name))

    def _misspell_last(self, r: Identity) -> Identity:
        return replace(r, last_name=self.typo(r.last_name))

    def _nickname(self, r: Identity) -> Identity:
        known = sorted(NICKNAMES.nicknames_of(r.first_name.lower()))
        return replace(r, first_name=self.random.choice(known).title()) if known else r

    def _marry(self, r: Identity) -> Identity:
        new = self.fake.last_name()
        return replace(r, last_name=self.random.choice((new, f"{r.last_name}-{new}")))

    def _move(self, r: Identity) -> Identity:
        return replace(r, address_line=self.fake.street_address(), postal_code=self.fake.zipcode())

    def _new_phone(self, r: Identity) -> Identity:
        return replace(r, phone=self.fake.numerify("%##-%##-####"))

    def _new_email(self, r: Identity) -> Identity:
        return replace(r, email=self.fake.email())

    def _misread_birth_date(self, r: Identity) -> Identity:
        day = r.birth_date or date(1990, 1, 1)
        if day.day <= 12 and self.random.random() < 0.5:
            return replace(r, birth_date=date(day.year, day.day, day.month))
        return replace(r, birth_date=day + timedelta(days=self.random.choice((-1, 1, 10))))

    def _new_insurance(self, r: Identity) -> Identity:
        return replace(r, member_id=self.fake.bothify("???########").upper())

    changes = (
        _misspell_first, _misspell_last, _nickname, _marry, _move, _new_phone, _new_email, _misread_birth_date,
        _new_insurance,
    )  # fmt: skip


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--clients", type=int, default=3000)
    options.add_argument("--new", type=int, default=1000)
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    practice = Practice(chosen.seed)
    clients = [practice.person(number) for number in range(chosen.clients)]
    arrivals = []
    for number in range(chosen.new):
        client = practice.random.choice(clients)
        if number % 2:
            arrivals.append((practice.spoilt(client), client.client_id))
        else:
            stranger = practice.random.choice((practice.relative, practice.namesake, lambda n, _: practice.person(n)))
            arrivals.append((replace(stranger(-1, client), client_id="new"), None))
    figures = {"ours": measure(clients, arrivals, ours), "plain": measure(clients, arrivals, plain)}
    if chosen.json:
        print(json.dumps(figures, indent=2))
        return
    print(f"{chosen.clients} clients, {chosen.new} new records, half of them clients already\n")
    print(f"{'':8}{'recall':>8}{'precision':>11}{'ms a record':>13}")
    for name, row in figures.items():
        print(f"{name:8}{row['recall']:8.3f}{row['precision']:11.3f}{row['ms']:13.1f}")


def ours(new: Identity, clients: list[Identity]) -> list[str]:
    return [candidate.client_id for candidate in find_duplicates(new, clients)]


def plain(new: Identity, clients: list[Identity]) -> list[str]:
    """The same name and birth date."""
    key = (new.first_name, new.last_name, new.birth_date)
    return [c.client_id for c in clients if (c.first_name, c.last_name, c.birth_date) == key]


def measure(clients: list[Identity], arrivals: list[tuple[Identity, str | None]], search: object) -> dict[str, float]:
    """Recall: clients found again.  Precision: of the candidates named, those that are the same person."""
    found = named = right = 0
    started = time.process_time()
    for new, truth in arrivals:
        candidates = search(new, clients)  # type: ignore[operator]
        named += len(candidates)
        right += truth in candidates
        found += truth is not None and truth in candidates
    clients_again = sum(truth is not None for _, truth in arrivals)
    return {
        "recall": found / clients_again,
        "precision": right / named if named else 1.0,
        "ms": 1000 * (time.process_time() - started) / len(arrivals),
    }


if __name__ == "__main__":
    main()
