"""Topics and study groups. A topic comes into being with the first claim on it, a group with its first study."""

from collections.abc import Sequence
from typing import Any

from flask import Response
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from claims_app.database import WriteSession
from claims_app.formats.delimited import Kind
from claims_app.models import StudyGroup, Topic, unit_of_work
from claims_app.rules import schemas
from claims_app.rules.identifiers import public_id
from claims_app.services.core import records
from claims_app.services.core.paging import Page
from claims_app.services.pages import topic_lists
from claims_app.services.records import topics
from claims_app.services.records.kinds import form_values
from claims_app.vocabulary import RecordType, TokenScope
from claims_app.web import listing
from claims_app.web.api import answers
from claims_app.web.api.bodies import EDIT_SUMMARY, VERSION, Body, Sent
from claims_app.web.api.operations import AS_OF, Answer, Operations
from claims_app.web.api.saving import saved
from claims_app.web.api.shapes import Shape, column
from claims_app.web.api.tags import version_meant
from claims_app.web.record_links import base_url
from claims_app.web.session import reading
from claims_app.web.time_travel import answers_as_of

operations = Operations("topics")

_VERSIONED = (
    column("version", Kind.INTEGER, "Version number, incremented by each change."),
    column("created_at", Kind.DATETIME, "When the record was created (UTC)."),
    column("updated_at", Kind.DATETIME, "When the record was last changed (UTC)."),
)
TOPIC = Shape.of(
    "Topic",
    column("topic_id", Kind.TERM, "The topic's identifier, such as TOP-1."),
    column("slug", Kind.TERM, "Its short name, which the filter `topic` and the column `topics` use."),
    column("name", Kind.TEXT, "Its name."),
    column("definition", Kind.TEXT, "What it is about."),
    column("parent_id", Kind.TERM, "The broader topic."),
    column("n_claims", Kind.INTEGER, "How many claims are listed directly under it."),
    column("url", Kind.TERM, "The address of its page."),
    *_VERSIONED,
)
GROUP = Shape.of(
    "StudyGroup",
    column("group_id", Kind.TERM, "The group's identifier, such as GRP-1."),
    column("name", Kind.TEXT, "Its name, which the column `group` of studies uses."),
    column("study_ids", Kind.LIST, "The reports that are one line of evidence."),
    *_VERSIONED,
)


def _topics(session: Session, found: Sequence[Topic]) -> list[dict[str, Any]]:
    numbers = topic_lists.claims_of_topics(session, found)
    return [
        {
            "topic_id": topic.public_id,
            "slug": topic.slug,
            "name": topic.name,
            "definition": topic.definition,
            "parent_id": None if topic.parent_id is None else public_id(RecordType.TOPIC, topic.parent_id),
            "n_claims": numbers.get(topic.id, 0),
            "url": f"{base_url()}/topics/{topic.slug}",
            **_versioned(topic),
        }
        for topic in found
    ]


def _versioned(record: Topic | StudyGroup) -> dict[str, Any]:
    return {
        "version": record.version,
        "created_at": record.created_at,
        "updated_at": record.updated_at,
    }


@operations.add(
    "list_topics",
    "GET",
    "/topics",
    "A page of topics",
    parameters=(AS_OF,),
    answers={200: Answer("A page of topics.", TOPIC, listed=True)},
)
@answers_as_of
def list_topics() -> ResponseReturnValue:
    """Send a page of the topics."""
    page = topic_lists.list_topics(reading(), listing.page_request())
    return answers.page(Page(_topics(reading(), page.items), page.total, page.next, page.previous))


@operations.add(
    "show_topic",
    "GET",
    "/topics/{identifier}",
    "One topic",
    of=RecordType.TOPIC,
    parameters=(AS_OF,),
    answers={200: Answer("The topic.", TOPIC, tag=True)},
)
@answers_as_of
def show_topic(identifier: str) -> ResponseReturnValue:
    """Send one topic, by its identifier or its short name."""
    topic = topic_lists.topic_named(reading(), identifier)
    [found] = _topics(reading(), [topic])
    return answers.record(found, topic)


@operations.add(
    "change_topic",
    "PATCH",
    "/topics/{identifier}",
    "Change fields of one topic",
    description="While changes are reviewed, only editors can change topics. The short name stays, since addresses "
    "contain it.",
    of=RecordType.TOPIC,
    takes=Body(
        "ChangedTopic",
        schemas.TOPIC,
        (VERSION, EDIT_SUMMARY),
        partial=True,
        without=frozenset({"slug"}),
        example={"version": 1, "definition": "Pain as a symptom.", "edit_summary": "It was missing."},
    ),
    answers={200: Answer("The changed topic.", TOPIC, tag=True)},
    scope=TokenScope.WRITE,
    matches=True,
)
def change_topic(identifier: str, sent: Sent) -> ResponseReturnValue:
    """Change the fields of a topic that are sent."""

    def save(session: WriteSession) -> Response:
        topic = topic_lists.topic_named(session, identifier)
        raw = {**form_values(session, topic), **sent.fields}
        topics.update_topic(session, topic, version_meant(topic, sent.options["version"]), raw)
        unit_of_work.finish(session)
        session.refresh(topic)
        [found] = _topics(session, [topic])
        return answers.record(found, topic)

    return saved(sent, save)


def _groups(session: Session, found: Sequence[StudyGroup]) -> list[dict[str, Any]]:
    of_groups = topic_lists.studies_of_groups(session, found)
    return [
        {
            "group_id": group.public_id,
            "name": group.name,
            "study_ids": of_groups[group.id],
            **_versioned(group),
        }
        for group in found
    ]


@operations.add(
    "list_groups",
    "GET",
    "/groups",
    "A page of study groups",
    section="groups",
    description="A study joins a group by its field `group`.",
    parameters=(AS_OF,),
    answers={200: Answer("A page of study groups.", GROUP, listed=True)},
)
@answers_as_of
def list_groups() -> ResponseReturnValue:
    """Send a page of the study groups."""
    page = topic_lists.list_groups(reading(), listing.page_request())
    return answers.page(Page(_groups(reading(), page.items), page.total, page.next, page.previous))


@operations.add(
    "show_group",
    "GET",
    "/groups/{identifier}",
    "One study group",
    section="groups",
    of=RecordType.STUDY_GROUP,
    parameters=(AS_OF,),
    answers={200: Answer("The study group.", GROUP, tag=True)},
)
@answers_as_of
def show_group(identifier: str) -> ResponseReturnValue:
    """Send one study group."""
    group = records.find(reading(), StudyGroup, identifier)
    [found] = _groups(reading(), [group])
    return answers.record(found, group)
