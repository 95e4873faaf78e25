"""Words of risk in invented free text: found when current, not raised when denied, past, somebody else's or figurative.

Sentences are put together from parts that were written as people write in forms and messages, without a look at the
rules.  A fixed half of the templates (by hash) was looked at while the rules were written, the other half was not.
Beside it the plain alternative: a list of keywords.

    python benchmarks/risk_text.py [--size 2000] [--seed 5] [--misses] [--json]
"""

import argparse
import hashlib
import json
import random
import re

from therapyflows.core.intake.risk_text import is_urgent

PLAIN = re.compile(
    r"suicid|kill (?:my|him|her)|want to die|self.?harm|hurt (?:my|him|her)self|overdose|end my life|cutting|abus"
    r"|hits me",
    re.IGNORECASE,
)

CURRENT = """
I've been having thoughts of suicide {when}.
{when_c} I catch myself thinking I'd be better off dead.
honestly i dont see the point of living anymore
I have a plan to kill myself and I know where my dad keeps his gun
Most nights I lie awake and wish I wouldn't wake up.
The thoughts about ending my life {intensity}.
i keep thinking about driving my car into a tree
I bought extra pills {when}, just in case I decide to do it
I want it all to end. I wrote letters to {kin_plain}.
My suicidal thoughts are back {when}.
passive SI {when}, no plan
I tried to overdose {recent} and told nobody
everyone would be happier if i was gone, i think about dying {when}
I feel hopeless and I'm thinking about jumping off the bridge near my work
Not sure I can keep myself safe tonight
I said I was fine at the doctor's but I am suicidal
I don't want to be alive {when}
What if I just took all my medication and went to sleep
I've started cutting again, {when} it was my thighs
I burn myself with cigarettes when I get overwhelmed
{when_c} I hit my head against the wall until it bleeds
scratching my arms with a razor {when}, it helps me calm down
I hurt myself on purpose {recent}
I self harm about once a week
I'm scared I'm going to hurt {kin_plain} when I lose my temper
I have thoughts of killing {other_plain}
He deserves to die and I know where he lives, I could do it
I've been fantasizing about strangling {other_plain}
I bought a knife and I want to stab {other_plain}
{kin} hits me when {they} drink{s}
{kin} choked me {recent}
{kin} threatened to kill me if I leave
I'm afraid to go home because of {kin_plain}
{kin} forces me to have sex
{kin} controls my money and won't let me see my friends
{kin} has been touching my daughter in a way that is not right
My son came back from his father's with bruises and says daddy hit him
I don't feel safe in my own house
someone is stalking me and i am terrified
I am being abused by {kin_plain}
No I'm not okay. I think about killing myself every day.
I used to think about suicide years ago and {when} it has started again
I attempted in 2015, and now the same thoughts are coming back
I've never told anyone this but I want to kill myself
I can't stop thinking about hurting myself
Denied SI at last visit; today reports suicidal ideation with intent
Pt endorses active SI with plan and means
SI: present, no intent. Self-harm: yes, last week
"""
NOT_CURRENT = """
I have no thoughts of suicide.
No suicidal thoughts, no self-harm, no thoughts of hurting others.
I do not want to hurt myself or anybody else.
I've never thought about killing myself.
I would never take my own life, my kids need me.
Denies SI, HI, and self-harm.
Patient denies any suicidal or homicidal ideation.
SI: none. HI: none.
Suicidal ideation: No. Homicidal ideation: No.
Not suicidal, just exhausted.
I am not having any thoughts of ending my life.
He does not hit me or threaten me.
No history of abuse or violence at home.
No one has ever hurt me.
I feel safe at home with {kin_plain}.
No current or past self harm.
I don't have thoughts of harming {kin_plain} or anyone else
I attempted suicide {past} but have had no thoughts of it since
{past_c} I used to cut myself; I stopped completely.
When I was {age} I took an overdose. I have been fine since then.
I was suicidal {past}, therapy helped and that is behind me.
I was abused by {kin_plain} when I was a child.
My ex used to hit me. I left him {past}.
History of self-harm in high school, none since.
I was sexually assaulted {past} in college
Hospitalized for suicidal thoughts in 2009
My {relative} died by suicide {past}.
I lost my {relative} to suicide and still miss {them}.
My {relative} attempted suicide {recent} and I feel guilty
My {relative} has depression and was suicidal last year
My {relative} killed himself when I was {age}
I found out that a coworker took his own life
This job is killing me.
My back is killing me {when}.
I'm dying to get some sleep.
I could kill for a cup of coffee
My commute is suicide by boredom, haha
I beat myself up over every little mistake
Exams are coming and I just want to crawl under a rock
My boss will kill me if I am late again
I volunteer for a suicide prevention hotline
I work with survivors of domestic violence
I watched a documentary about suicide and it was sad
I'm writing a paper on self-harm in adolescents
I hurt myself at the gym {recent}
I cut myself while cooking {when}
I accidentally burned myself on the stove
My dog died {recent} and I am heartbroken
I quit drinking {past}
I am scared of flying
I'm afraid of public speaking
If I ever had suicidal thoughts I would call you
Whenever someone mentions suicide I think of the training I gave
I want to stop fighting with {kin_plain}
I feel trapped in my marriage and I want to work on it
I have trouble sleeping and cry a lot
I hit a wall with my studies
My kids drive me crazy {when}
I overdosed on coffee this morning
I struggle with substance abuse
I'm in recovery from alcohol abuse, sober for {age} months
"""
PARTS = {
    "when": ["lately", "these days", "almost every day", "this week", "since the breakup", "at night", "again"],
    "when_c": ["Lately", "These days", "Some nights", "Every time we fight", "This month"],
    "recent": ["last night", "two weeks ago", "last month", "on Sunday", "a few days ago", "yesterday"],
    "intensity": ["won't go away", "are getting stronger", "come every evening", "scare me"],
    "past": ["ten years ago", "about 6 years ago", "in my twenties", "back in 2011", "many years ago", "in college"],
    "past_c": ["Years ago", "As a teenager", "In high school", "Back in 2008"],
    "age": ["14", "nine", "seventeen", "12"],
    "kin": ["My husband", "My girlfriend", "My stepfather", "My boyfriend", "My wife", "My partner"],
    "kin_plain": ["my husband", "my mother", "my partner", "my kids", "my stepdad", "my sister"],
    "other_plain": ["my boss", "my neighbor", "him", "my ex-husband", "the guy who did this", "her"],
    "relative": ["brother", "uncle", "best friend", "mother", "cousin", "roommate"],
    "them": ["him", "her", "them"],
    "they": ["he"],
    "s": ["s"],
}
AROUND = ["", "", "", "I started a new job in May. ", "Sleep is bad. ", "i have anxiety and panic attacks. ", "Hi, "]
AFTER = ["", "", "", " I also have migraines.", " My appetite is low.", " Thanks for reading this.", " Please call me."]


def templates(text: str) -> list[str]:
    return [line for line in text.strip().splitlines() if line]


def seen(template: str) -> bool:
    """Whether the template belongs to the half that was looked at."""
    return hashlib.sha256(template.encode()).digest()[0] % 2 == 0


def make(chance: random.Random, template: str) -> str:
    said = re.sub(r"\{(\w+)\}", lambda match: chance.choice(PARTS[match.group(1)]), template)
    said = chance.choice(AROUND) + said + chance.choice(AFTER)
    habit = chance.random()
    if habit < 0.15:
        return said.lower().replace("'", "")
    return said.replace("'", "’") if habit < 0.3 else said


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--size", type=int, default=2000)
    options.add_argument("--seed", type=int, default=5)
    options.add_argument("--misses", action="store_true", help="print what was wrong in the half that may be looked at")
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    chance = random.Random(chosen.seed)
    cases = []
    for number in range(chosen.size):
        current = number % 2 == 0
        template = chance.choice(templates(CURRENT if current else NOT_CURRENT))
        cases.append((template, make(chance, template), current))
    figures = {
        f"{name}, {half}": measure([c for c in cases if seen(c[0]) == (half == "looked at")], search)
        for half in ("looked at", "not looked at")
        for name, search in (("rules", is_urgent), ("keywords", lambda text: PLAIN.search(text) is not None))
    }
    if chosen.misses:
        for template, text, current in cases:
            if seen(template) and is_urgent(text) != current:
                print("missed" if current else "raised", "|", text)
    if chosen.json:
        print(json.dumps(figures, indent=2))
        return
    print(f"{'':26}{'recall':>8}{'precision':>11}{'texts':>8}")
    for name, row in figures.items():
        print(f"{name:26}{row['recall']:8.3f}{row['precision']:11.3f}{row['texts']:8.0f}")


def measure(cases: list[tuple[str, str, bool]], search: object) -> dict[str, float]:
    found = [(bool(search(text)), current) for _, text, current in cases]  # type: ignore[operator]
    right = sum(raised and current for raised, current in found)
    return {
        "recall": right / max(sum(current for _, current in found), 1),
        "precision": right / max(sum(raised for raised, _ in found), 1),
        "texts": len(cases),
    }


if __name__ == "__main__":
    main()
