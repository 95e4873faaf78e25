"""The browser libraries are the files of their npm packages, each with its licence, and nothing else."""

import pytest
from tests.web.review.vendored import FOLDER, LIST, VendoredFile, digest, listed

FILES = listed(LIST.read_text("utf-8"))
PERMISSIVE = {"Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "ISC"}


def test_the_list_names_every_file_once_and_no_other() -> None:
    names = [file.file for file in FILES]
    assert sorted([*names, LIST.name]) == sorted(path.name for path in FOLDER.iterdir())
    rows = [line for line in LIST.read_text("utf-8").splitlines() if line.startswith("| `")]
    assert len(rows) == len(names)  # a line that is written otherwise would not be read


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.file)
def test_a_file_is_what_the_list_says(file: VendoredFile) -> None:
    assert digest((FOLDER / file.file).read_bytes()) == file.sha256
    assert file.licence in PERMISSIVE


def test_every_package_has_its_licence_beside_it_and_one_version() -> None:
    licensed = {(f.package, f.version) for f in FILES if f.file.startswith("LICENSE-")}
    assert licensed == {(f.package, f.version) for f in FILES}
    assert len(licensed) == len({package for package, _ in licensed})
