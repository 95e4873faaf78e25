"""From pages to the intake form, by rules of layout: what is a label, where its answer stands, what the answer means.

The rules know how forms are built, not one form: labels come from a table of synonyms
(``core/rules/intake_labels.yaml``), answers are found by geometry.  What stands nowhere is absent.
"""
