"""Does what stands in quotation marks occur, letter by letter, in what was said?"""

from therapyflows.governance.evidence.finding import Finding
from therapyflows.governance.evidence.matching import Match


def check(match: Match) -> Finding:
    """Quotations that nobody said."""
    texts = match.source.texts
    wrong = [quote for quote in match.claim.quotes if not any(quote.strip() in text for text in texts)]
    reason = "a quotation does not occur in the source, letter by letter" if wrong else None
    return Finding({"quote_nowhere": float(bool(wrong))}, reason, refutes=bool(wrong))
