"""Does what stands in quotation marks occur, letter by letter, in what is cited?"""

from therapyflows.governance.evidence.claim import Claim, Finding, Source


def check(claim: Claim, source: Source) -> Finding:
    """Penalty 0.8 for a quotation that nobody said in the cited segments."""
    texts = [segment.text for segment in source.cited_segments]
    wrong = [quote for quote in claim.quotes if not any(quote.strip() in text for text in texts)]
    if wrong:
        return Finding("quotes", 0.8, "a quotation does not occur in the cited words")
    return Finding("quotes", 0.0)
