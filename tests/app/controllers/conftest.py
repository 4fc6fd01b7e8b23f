"""A session, a queue of tasks and the messages of the controllers."""

import pytest

from app.notifications import Notifications
from app.session.session import Session
from app.workers.tasks import TaskQueue


@pytest.fixture
def session(qtbot):
    return Session()


@pytest.fixture
def tasks(qtbot):
    queue = TaskQueue("test")
    yield queue
    queue.close(20)


@pytest.fixture
def notifications(tasks):
    made = Notifications()
    tasks.failed.connect(lambda _what, error: made.error(error))
    return made


@pytest.fixture
def messages(notifications):
    """The texts of all messages so far."""
    texts: list = []
    notifications.noted.connect(texts.append)
    notifications.failed.connect(lambda text, _details: texts.append(text))
    return texts
