"""Verify a TherapyFlows audit export without any program of TherapyFlows: Python 3.9 or later and `cryptography`.

    python verify_audit.py EXPORT PUBLIC_KEY [CHECKPOINT_FILE_OR_FOLDER ...]

EXPORT is what `therapyflows audit export` wrote, PUBLIC_KEY the base64 that you were given on the first day, the others
are checkpoints that were kept where the operators of the system cannot write.  Exit status 0 and "intact", or 1 and one
line per finding.  The format is described in docs/compliance.md; this file is meant to be read before it is run.
"""

import base64
import hashlib
import json
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

findings = []


def canonical(record):
    return json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode("ascii")


def read(line, where):
    """The record of a line that is written in the one canonical way, else None and a finding."""
    try:
        record = json.loads(line)
        if isinstance(record, dict) and canonical(record) + b"\n" == line:
            return record
    except (ValueError, RecursionError):
        pass
    findings.append(f"{where}: not a canonical line")
    return None


def signed(record, field, public_key):
    """Whether the signature in this field belongs to the record without its signatures."""
    text = canonical({name: value for name, value in record.items() if not name.endswith("signature")})
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(base64.b64decode(record[field], validate=True), text)
        return True
    except (InvalidSignature, ValueError, KeyError, TypeError):
        return False


def key_id(public_key):
    return hashlib.sha256(public_key).hexdigest()[:16]


def trusted_keys(first, handovers):
    """Key id -> [public key, first entry it vouches for, last one]: the given key and those that hand-overs lead to."""
    keys = {key_id(first): [first, 0, float("inf")]}
    links = []
    for record in handovers:
        old, new = base64.b64decode(record["old_key"]), base64.b64decode(record["new_key"])
        if signed(record, "old_signature", old) and signed(record, "new_signature", new):
            links.append((old, new, record["seq"]))
        else:
            findings.append(f"hand-over at {record['seq']}: not signed by both keys")
    for _ in links:
        for old, new, _seq in links:
            if key_id(old) in keys or key_id(new) in keys:
                keys.setdefault(key_id(old), [old, 0, float("inf")])
                keys.setdefault(key_id(new), [new, 0, float("inf")])
    for old, new, seq in links:
        if key_id(old) in keys:
            keys[key_id(old)][2] = min(keys[key_id(old)][2], seq)
            keys[key_id(new)][1] = max(keys[key_id(new)][1], seq)
    return keys


def valid_checkpoints(checkpoints, keys):
    """Sequence number -> hashes that were signed there."""
    valid = {}
    for record in checkpoints:
        key, since, until = keys.get(record.get("key_id"), (None, 0, 0))
        if key is None or not since <= record["seq"] <= until or not signed(record, "signature", key):
            findings.append(f"checkpoint at {record.get('seq')}: no valid signature of a key in use there")
        else:
            valid.setdefault(record["seq"], set()).add(record["hash"])
    return valid


def walk(lines, valid, end):
    """Along the chain: numbers without gaps, each entry's hash, its link to the one before, the signed hashes."""
    seq, last_hash, last_at = 0, "0" * 64, ""
    for line in lines:
        record = read(line, f"after entry {seq}")
        if record is None:
            continue
        if record.get("seq") != seq + 1:
            findings.append(f"entry {seq + 1}: missing, doubled or out of order (found {record.get('seq')})")
        elif record.get("prev_hash") != last_hash:
            findings.append(f"entry {record['seq']}: does not follow the one before it")
        digest = record.pop("hash", None)
        if hashlib.sha256(canonical(record)).hexdigest() != digest:
            findings.append(f"entry {record.get('seq')}: altered")
        if record.get("at", "") < last_at:
            findings.append(f"entry {record.get('seq')}: earlier than the one before it")
        seq, last_hash, last_at = record.get("seq", seq + 1), digest, record.get("at", "")
        if valid.get(seq, {digest}) != {digest}:
            findings.append(f"entry {seq}: a signed checkpoint saw another entry here")
    findings.extend(f"entry {at}: signed, but the trail ends at {seq}" for at in sorted(valid) if at > seq)
    if seq > end:
        findings.append(f"entry {end + 1}: stands behind the end that was signed")
    if seq and not valid:
        findings.append("no valid checkpoint vouches for any entry")
    return seq


def main(export, public_key, *places):
    folders = [Path(place) for place in places]
    files = [file for path in folders for file in (sorted(path.glob("*.jsonl")) if path.is_dir() else [path])]
    with open(export, "rb") as stream:
        header = read(stream.readline(), "line 1")
        apart = [read(line, f"{f}:{n}") for f in files for n, line in enumerate(f.read_bytes().splitlines(True), 1)]
        records = [record for record in [header, *apart] if record is not None]
        handovers = [record for record in records if "old_signature" in record]
        keys = trusted_keys(base64.b64decode(public_key), handovers)
        valid = valid_checkpoints([record for record in records if "old_signature" not in record], keys)
        last = walk(stream, valid, header.get("seq", 0) if header else 0)
    print("NOT INTACT" if findings else "intact", f"up to entry {last}, vouched for up to {max(valid, default=0)}")
    print("\n".join(findings[:100]))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
