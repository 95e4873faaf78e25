"""``python -m therapyflows.web.review``: the application for people."""

import argparse
from datetime import timedelta

import uvicorn

from therapyflows.app.intake import recheck as recheck_intake
from therapyflows.app.keys import decode_key
from therapyflows.app.logging import configure_logging
from therapyflows.app.review import ChartLookup, recheck
from therapyflows.app.settings import load_settings
from therapyflows.app.wiring import open_store_of_settings, runs_of, sign_in_of
from therapyflows.core.session_note.speakers import swap_speakers
from therapyflows.web.review.app import create_review_app
from therapyflows.web.review.deps import ReviewDeps


def main() -> None:
    parser = argparse.ArgumentParser(prog="therapyflows.web.review", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=4280)
    args = parser.parse_args()
    configure_logging("review")
    settings, store = load_settings(), open_store_of_settings()
    chart = ChartLookup(settings, store)
    app = create_review_app(
        ReviewDeps(
            sign_in=sign_in_of(settings),
            users=chart.user,
            ehr_client=chart.client,
            appointments=chart.appointment,
            chart=chart.chart,
            drafts=store.drafts,
            decisions=store.decisions,
            contents=store.contents,
            recordings=store.recordings,
            audit=store.audit,
            runs=runs_of(),
            review_sessions=store.review_sessions,
            emergencies=store.emergencies,
            tell_emergency=chart.tell_emergency,
            emergency_lasts=timedelta(hours=settings.review.emergency_hours),
            swap_speakers=swap_speakers,
            recheck=recheck,
            recheck_intake=recheck_intake,
            session_key=decode_key(settings.review.session_key, name="THERAPYFLOWS_REVIEW__SESSION_KEY"),
            base_url=settings.review.base_url,
            prefect_ui_url=settings.prefect_ui_url,
            idle_timeout=timedelta(minutes=settings.review.idle_timeout_minutes),
            session_lifetime=timedelta(hours=settings.review.session_hours),
            confirmed_for=timedelta(minutes=settings.review.confirm_minutes),
            lockout_after=settings.review.lockout_after,
            lockout_at_most=timedelta(minutes=settings.review.lockout_minutes),
            retention=settings.retention,
        )
    )
    # No log configuration of its own: its handlers would come after the PHI guard was put on all there are.
    uvicorn.run(app, host=args.host, port=args.port, log_level="warning", access_log=False, log_config=None)


if __name__ == "__main__":
    main()
