"""What stands on a practice's forms and is none of the client's answers: doctors, pharmacies, staff, numbers of the chart."""

import random
from datetime import timedelta

from ..canvas import hash_of
from ..people import TODAY, Person

FIRST = ("Karen", "Luis", "Priya", "Tom", "Wanda", "Hector", "Grace", "Neil")
LAST = ("Okafor", "Mendez", "Lindqvist", "Barlow", "Petrov", "Nakamura", "Ferris", "Dunn")
SHOPS = ("Walgreens on Third St", "CVS Main Street", "Corner Drugs", "Kroger Pharmacy")


class Bystanders:
    """The same ones for the same person."""

    def __init__(self, who: Person) -> None:
        self._chance = random.Random(hash_of(who.text("demographics.first_name") + who.text("demographics.last_name")))

    def name(self) -> str:
        return f"{self._chance.choice(FIRST)} {self._chance.choice(LAST)}"

    def doctor(self) -> str:
        return f"Dr. {self._chance.choice(LAST)}"

    def phone(self) -> str:
        return f"({self._chance.randint(201, 989)}) 555-{self._chance.randint(100, 9999):04d}"

    def shop(self) -> str:
        return self._chance.choice(SHOPS)

    def number(self, digits: int) -> str:
        return "".join(self._chance.choice("123456789") for _ in range(digits))

    def day(self) -> str:
        return (TODAY + timedelta(days=self._chance.randint(0, 9))).strftime("%m/%d/%Y")

    def initials(self) -> str:
        return self._chance.choice(FIRST)[0] + self._chance.choice(LAST)[0]
