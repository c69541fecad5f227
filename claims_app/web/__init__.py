"""The web interface: one blueprint per feature, and shared helpers."""

from flask import Flask

from claims_app.web import (
    access,
    background_jobs,
    background_mail,
    errors,
    fragments,
    layout,
    lookup,
    observing,
    reader_pages,
    request_limits,
    security,
    security_events,
    session,
    sharing,
    templating,
    time_travel,
)
from claims_app.web.account.routes import bp as account
from claims_app.web.admin.routes import bp as admin
from claims_app.web.api import limits
from claims_app.web.api.docs import bp as api_docs
from claims_app.web.api.routes import bp as api
from claims_app.web.appraisals.routes import bp as appraisals
from claims_app.web.auth import orcid
from claims_app.web.auth.routes import bp as auth
from claims_app.web.claims.routes import bp as claims
from claims_app.web.crawling.routes import bp as crawling
from claims_app.web.discussion.routes import bp as discussion
from claims_app.web.drafts.routes import bp as drafts
from claims_app.web.evidence.routes import bp as evidence
from claims_app.web.export.routes import bp as export
from claims_app.web.health.routes import bp as health
from claims_app.web.history.routes import bp as history
from claims_app.web.home.routes import bp as home
from claims_app.web.importing.routes import bp as importing
from claims_app.web.inbox.routes import bp as inbox
from claims_app.web.linked.routes import bp as linked
from claims_app.web.matrix.routes import bp as matrix
from claims_app.web.merging import routes as merging
from claims_app.web.picking.routes import bp as picking
from claims_app.web.releases.routes import bp as releases
from claims_app.web.reports.routes import bp as reports
from claims_app.web.review.routes import bp as review
from claims_app.web.studies.routes import bp as studies
from claims_app.web.study_intake.routes import bp as adding
from claims_app.web.style.routes import bp as style
from claims_app.web.topics.routes import bp as topics
from claims_app.web.users.routes import bp as users
from claims_app.web.views.routes import bp as views
from claims_app.web.watches.routes import bp as watches
from claims_app.web.webhooks.routes import bp as webhooks


def register(app: Flask) -> None:
    """Register the pages with `app`."""
    reader_pages.register(app)
    request_limits.register(app)
    security_events.register(app)
    limits.register(app)
    security.register(app)
    sharing.register(app)
    session.register(app)
    access.register(app)
    templating.register(app)
    fragments.register(app)
    errors.register(app)
    background_mail.register(app)
    background_jobs.register(app)
    orcid.register(app)
    lookup.register(app)
    merging.register(app)
    time_travel.register(app)
    layout.register(app)
    observing.register(app)
    security.csrf.exempt(api)  # the API ignores cookies; see `api.routes`
    for blueprint in (
        home,
        health,
        crawling,
        topics,
        matrix,
        style,
        claims,
        studies,
        evidence,
        appraisals,
        history,
        merging.bp,
        review,
        export,
        linked,
        releases,
        api,
        api_docs,
        auth,
    ):
        app.register_blueprint(blueprint)
    for blueprint in (
        account,
        users,
        admin,
        orcid.bp,
        discussion,
        reports,
        drafts,
        views,
        importing,
        adding,
        inbox,
        watches,
        picking,
        webhooks,
    ):
        app.register_blueprint(blueprint)
    session.retry_views(app)
