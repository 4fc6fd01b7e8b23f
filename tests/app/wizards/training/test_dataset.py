"""Test the page that chooses a dataset or an earlier run."""

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent

from tests.app.wizards.training.fake_training import start_run, wait_for_state


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda folder: (folder / "dataset.json").unlink(), "has no dataset.json"),
        (lambda folder: (folder / "dataset.json").write_text("{"), "not a valid dataset manifest"),
        (lambda folder: (folder / "images.npy").unlink(), "is missing"),
        (lambda folder: folder.rename(folder.parent / "moved"), "no longer exists"),
    ],
)
def test_a_damaged_dataset_is_reported(open_wizard, dataset, damage, reason):
    damage(dataset)
    wizard = open_wizard()
    wizard.dataset.use_dataset(dataset)
    assert reason in wizard.dataset.error_panel.what.text()
    assert not wizard.next.isEnabled()


def test_a_dataset_that_was_moved_back_is_found(open_wizard, dataset):
    wizard = open_wizard()
    dataset.rename(dataset.parent / "moved")
    wizard.dataset.use_dataset(dataset)
    (dataset.parent / "moved").rename(dataset)
    wizard.dataset.error_panel.retry.click()
    assert wizard.dataset.error_panel.isHidden()
    assert wizard.next.isEnabled()


def test_earlier_runs_can_be_opened(qtbot, wizard):
    start_run(qtbot, wizard)
    folder = wizard.plan.folder
    wizard.plan.follow(None)
    wizard.go("dataset")
    assert [row.title for row in wizard.dataset.runs.rows] == ["loops"]
    assert wizard.dataset.runs.rows[0].badge == "running"
    wizard.dataset.open.click()
    assert (wizard.page, wizard.plan.folder) == (wizard.run, folder)
    wait_for_state(qtbot, wizard, "running")


def drop(page, url):
    data = QMimeData()
    data.setUrls([QUrl(url)])
    page.dropEvent(
        QDropEvent(QPointF(), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    )


def test_a_dataset_can_be_dropped_but_a_link_cannot(open_wizard, dataset):
    page = open_wizard().dataset
    drop(page, "https://example.org/loops")
    assert "link" in page.error_panel.what.text()
    assert page.state() == {"folder": ""}
    drop(page, QUrl.fromLocalFile(str(dataset / "dataset.json")))
    assert page.state() == {"folder": str(dataset)}


def test_training_on_a_dataset_begins_with_missing_tools(open_wizard, dataset, monkeypatch):
    for module in ("training.wizard", "common.training_tools"):
        monkeypatch.setattr(f"app.wizards.{module}.find_tools", lambda _modules: None)
    wizard = open_wizard()
    wizard.train_on(dataset)
    assert wizard.page.name == "tools"
    assert wizard.plan.dataset.folder == dataset
    assert not wizard.next.isEnabled()
