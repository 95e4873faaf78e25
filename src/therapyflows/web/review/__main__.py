"""``python -m therapyflows.web.review``: the application for people."""

import argparse
import gc
from datetime import timedelta

import uvicorn

from therapyflows.app.intake import intake_policy, rechecking
from therapyflows.app.keys import decode_key
from therapyflows.app.logging import configure_logging
from therapyflows.app.note_formats import use_formats_in
from therapyflows.app.review import ChartLookup, reasons_of, recheck, waveform_of
from therapyflows.app.rewriting import Rewriting
from therapyflows.app.settings import load_settings
from therapyflows.app.wiring import cosign_rules, open_store_of_settings, runs_of, sign_in_of
from therapyflows.core.session_note.speakers import swap_speakers
from therapyflows.web.review.app import create_review_app
from therapyflows.web.review.client_words import words_of
from therapyflows.web.review.deps import ReviewDeps


def main() -> None:
    parser = argparse.ArgumentParser(prog="therapyflows.web.review", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=4280)
    args = parser.parse_args()
    configure_logging("review")
    settings, store = load_settings(), open_store_of_settings()
    chart = ChartLookup(settings, store)
    use_formats_in(settings.formats_dir)
    app = create_review_app(
        ReviewDeps(
            sign_in=sign_in_of(settings),
            users=chart.user,
            ehr_client=chart.client,
            appointments=chart.appointment,
            chart=chart.chart,
            chart_reads=chart.reads,
            drafts=store.drafts,
            history=store.history,
            decisions=store.decisions,
            queue=store.queue,
            contents=store.contents,
            recordings=store.recordings,
            audit=store.audit,
            runs=runs_of(),
            review_sessions=store.review_sessions,
            emergencies=store.emergencies,
            figures=store.figures,
            attention=store.attention,
            training=store.training,
            training_for=None if settings.review.training else frozenset(settings.review.training_for),
            tours=store.tours,
            tell_emergency=chart.tell_emergency,
            colleagues=chart.colleagues,
            create_task=chart.create_task,
            cosign=cosign_rules(settings),
            emergency_lasts=timedelta(hours=settings.review.emergency_hours),
            waveform=waveform_of,
            swap_speakers=swap_speakers,
            recheck=recheck,
            recheck_intake=rechecking(chart.beside_form, lambda: intake_policy(settings).greeting),
            rewriting=Rewriting(settings, store, chart),
            session_key=decode_key(settings.review.session_key, name="THERAPYFLOWS_REVIEW__SESSION_KEY"),
            base_url=settings.review.base_url,
            prefect_ui_url=settings.prefect_ui_url,
            idle_timeout=timedelta(minutes=settings.review.idle_timeout_minutes),
            session_lifetime=timedelta(hours=settings.review.session_hours),
            confirmed_for=timedelta(minutes=settings.review.confirm_minutes),
            lockout_after=settings.review.lockout_after,
            lockout_at_most=timedelta(minutes=settings.review.lockout_minutes),
            retention=settings.retention,
            undo_for=timedelta(seconds=settings.review.undo_seconds),
            review_within=timedelta(days=settings.waiting.expire_after_days),
            confirm_approval=settings.review.confirm_approval,
            reasons=reasons_of(settings),
            ehr_note_url=settings.ehr.note_url,
            client_words=words_of(settings.review.client_words),
            practice_name=settings.intake.practice_name,
            practice_contact=settings.review.practice_contact,
        )
    )
    leave_alone_what_stays()
    # No log configuration of its own: its handlers would come after the PHI guard was put on all there are.
    uvicorn.run(app, host=args.host, port=args.port, log_level="warning", access_log=False, log_config=None)


def leave_alone_what_stays() -> None:
    """Modules and classes live as long as the process: no collection looks at them again.

    With them, a full collection takes 250 ms and comes with every third draft page; without, 30 ms.
    """
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    main()
