"""Users and clients of the synthetic practice."""

import random
from datetime import date, timedelta

from therapyflows.simulator.contract import Json

CLIENTS = 60
CONSENT_KINDS = ("recording", "ai_processing", "telehealth")


def users(data: Json, clients: list[Json]) -> list[Json]:
    return [
        {
            "id": user["id"],
            "name": user["name"],
            "email": f"{user['login']}@example.com",
            "credential": user.get("credential"),
            "npi": user.get("npi"),
            "roles": user["roles"],
            "caseload": [c["id"] for c in clients if user["id"] in c["assignedClinicians"]],
            "supervises": user.get("supervises", []),
            "aiOptOut": user.get("aiOptOut", False),
            "aiOptOutWorkflows": [],
            "active": True,
        }
        for user in data["users"]
    ]


def clients(data: Json, themes: list[Json], dice: random.Random) -> list[Json]:
    return [client(index, theme_of(index, data, themes), data, dice) for index in range(CLIENTS)]


def theme_of(index: int, data: Json, themes: list[Json]) -> Json:
    """cl-0001 has the first theme, social anxiety; Part 2 clients have the alcohol theme and nobody else has."""
    if client_id_of(index) in data["part2_program"]:
        return next(theme for theme in themes if theme["name"] == "alcohol use")
    others = [theme for theme in themes if theme["name"] != "alcohol use"]
    return others[index % len(others)]


def client_id_of(index: int) -> str:
    return f"cl-{index + 1:04}"


def client(index: int, theme: Json, data: Json, dice: random.Random) -> Json:
    client_id = client_id_of(index)
    first = data["first_names"][index]
    # Stepping through both lists gives 60 different surnames.
    last = data["last_starts"][index % len(data["last_starts"])] + data["last_ends"][(index * 3 + index // 12) % 10]
    return {
        "id": client_id,
        "firstName": first,
        "lastName": last,
        "preferredName": None,
        "pronouns": theme["pronouns"],
        "birthDate": (date(1958, 1, 15) + timedelta(days=dice.randrange(0, 46 * 365))).isoformat(),
        "mrn": f"MRN-{10_000 + 37 * index}",
        "email": f"{first}.{last}".lower().replace(" ", "") + "@example.com",
        "phone": f"555-01{index % 100:02}",
        "addressLine": f"{100 + 3 * index} {data['streets'][index % 5]}",
        "city": "Testville",
        "state": "OH",
        "postalCode": f"45{index:03}",
        "employer": data["employers"][index % 6],
        "contacts": [
            {
                "name": f"{dice.choice(data['first_names'])} {last}",
                "relationship": dice.choice(["spouse", "parent", "sibling"]),
                "phone": f"555-01{(index + 40) % 100:02}",
            }
        ],
        "insurance": insurance(index, data),
        "assignedClinicians": [data["deal"][index % len(data["deal"])]],
        "consents": consents(client_id, data),
        "part2Program": client_id in data["part2_program"],
        "aiOptOut": client_id in data["ai_opt_out"],
        "aiOptOutWorkflows": [],
    }


def insurance(index: int, data: Json) -> list[Json]:
    payer = data["payers"][index % 5]
    if payer == "Self-pay":
        return []
    return [{"payer": payer, "memberId": f"TST{900_000 + index}", "groupNumber": f"GRP-{index % 7}"}]


def consents(client_id: str, data: Json) -> list[Json]:
    """What the client agreed to, with the exceptions of the data file."""
    wanted = dict.fromkeys(CONSENT_KINDS, "granted") | data["consent_exceptions"].get(client_id, {})
    if client_id in data["part2_program"]:
        wanted["part2_tpo"] = "granted"
    return [
        {
            "id": f"co-{client_id[3:]}-{kind}",
            "kind": kind,
            "status": status,
            "statement": data["consents"][kind].strip(),
            "offeredAt": "2026-01-12T14:30:00Z",
            "grantedAt": None if status == "declined" else "2026-01-12T15:00:00Z",
            "expiresAt": None,
            "withdrawnAt": "2026-02-02T15:00:00Z" if status == "withdrawn" else None,
            **(data["part2_scope"] if kind == "part2_tpo" else {}),
        }
        for kind, status in wanted.items()
        if status != "absent"
    ]
