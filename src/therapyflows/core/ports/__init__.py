"""Every port of the product: what the core needs from the outside, one small Protocol each.

The composition root (``therapyflows.app.wiring``) decides which adapter stands behind which port.
Ports that go over a network are async; the store and the recognizer are synchronous and are called in a thread where an
event loop must not be blocked.
"""

from therapyflows.core.ports.attention import Attention, AttentionBook
from therapyflows.core.ports.chart import Ehr
from therapyflows.core.ports.events import Inbox, InboxEvent, InboxState
from therapyflows.core.ports.figures import Figures
from therapyflows.core.ports.language import Completion, Judge, LanguageModel, ModelInfo
from therapyflows.core.ports.people import EmergencyAccesses, ReviewSessions, SignIn, SignInStart, Tours
from therapyflows.core.ports.queue import ReviewQueue
from therapyflows.core.ports.runs import Runs
from therapyflows.core.ports.speech import Recognizer
from therapyflows.core.ports.store import (
    ContentKind,
    Contents,
    Decisions,
    DraftChange,
    DraftHistory,
    Drafts,
    OwnWrites,
    Recordings,
    StoredItem,
)
from therapyflows.core.ports.trail import AuditTrail
from therapyflows.core.ports.training import TrainingBook

__all__ = [
    "Attention",
    "AttentionBook",
    "AuditTrail",
    "Completion",
    "ContentKind",
    "Contents",
    "Decisions",
    "DraftChange",
    "DraftHistory",
    "Drafts",
    "Ehr",
    "EmergencyAccesses",
    "Figures",
    "Inbox",
    "InboxEvent",
    "InboxState",
    "Judge",
    "LanguageModel",
    "ModelInfo",
    "OwnWrites",
    "Recognizer",
    "Recordings",
    "ReviewQueue",
    "ReviewSessions",
    "Runs",
    "SignIn",
    "SignInStart",
    "StoredItem",
    "Tours",
    "TrainingBook",
]
