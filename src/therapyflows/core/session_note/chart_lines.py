"""Lines that are copied from the chart, never drafted: the appointment's data and the consent record."""

from therapyflows.core.chart import Appointment, Consent, ConsentKind
from therapyflows.core.session_note.model import SessionContext, Statement, StatementKind, Template
from therapyflows.core.session_note.templates import section_for
from therapyflows.governance.evidence.model import Grade

_MODALITY = {"in_person": "in person", "video": "by video", "audio": "by telephone (audio only)"}
_CONSENT = {
    ConsentKind.RECORDING: "Consent to recording",
    ConsentKind.AI_PROCESSING: "Consent to AI processing",
    ConsentKind.TELEHEALTH: "Consent to telehealth",
    ConsentKind.PART2_TPO: "Consent under 42 CFR Part 2",
}


def chart_statements(context: SessionContext | None, template: Template) -> list[Statement]:
    """Administrative and consent lines; none without a chart."""
    if context is None:
        return []
    lines = [
        Statement("", section_for(template, "administrative"), administrative_line(context.appointment),
                  StatementKind.ADMINISTRATIVE, grade=Grade.SUPPORTED, reasons=("copied from the appointment",))
    ]  # fmt: skip
    for consent in context.client.consents:
        lines.append(
            Statement("", section_for(template, "consent"), consent_line(consent), StatementKind.CONSENT,
                      grade=Grade.SUPPORTED, reasons=("copied from the consent record",))
        )  # fmt: skip
    return lines


def administrative_line(appointment: Appointment) -> str:
    """Date, start and stop, recorded minutes and modality: only what the appointment says."""
    start, end = appointment.start, appointment.end
    scheduled = f"scheduled {start:%H:%M}-{end:%H:%M}"
    minutes = (
        f"{appointment.actual_minutes} minutes face to face"
        if appointment.actual_minutes is not None
        else "actual minutes not recorded"
    )
    return (
        f"Session on {start:%Y-%m-%d}, {scheduled}, {minutes}, "
        f"{appointment.session_type}, {_MODALITY[appointment.modality]}."
    )


def consent_line(consent: Consent) -> str:
    """The consent record: what it is, its state and date, and its wording verbatim."""
    at = consent.withdrawn_at if consent.status == "withdrawn" else consent.granted_at
    when = f" {at:%Y-%m-%d}" if at else ""
    return f'{_CONSENT[consent.kind]}: {consent.status}{when}. "{consent.statement}"'
