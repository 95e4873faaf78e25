"""How a clinician likes a note worded, learned from what they changed in drafts; never what a note says.

::

    approved note ▸ pairs (differences) ▸ learned habits ▸ profile in force ◂ the clinician's choices
                                                                │
                                   drafts of the next sessions ◂┘ (wording only, checked again)
"""
