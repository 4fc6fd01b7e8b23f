"""The style of Qt's own controls (menus, lists, number boxes), made from the tokens."""

from PySide6.QtGui import QColor, QFontDatabase, QPalette

from app.widgets.tokens import CONTROL_HEIGHT, GRID, HAIRLINE, RADIUS, TYPE_BODY, TYPE_SMALL, Tokens
from technogan.network.library import resources_dir


def load_typeface() -> None:
    """Load the bundled typeface. Without it, Qt uses a system font."""
    for path in sorted((resources_dir() / "fonts").glob("*.otf")):
        QFontDatabase.addApplicationFont(str(path))


def make_palette(tokens: Tokens) -> QPalette:
    """Return the palette for what style sheets do not reach, such as text cursors and Qt's file dialogs."""
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: tokens.panel,
        QPalette.ColorRole.WindowText: tokens.text,
        QPalette.ColorRole.Base: tokens.well,
        QPalette.ColorRole.AlternateBase: tokens.panel,
        QPalette.ColorRole.Text: tokens.text,
        QPalette.ColorRole.PlaceholderText: tokens.faint,
        QPalette.ColorRole.Button: tokens.raised,
        QPalette.ColorRole.ButtonText: tokens.text,
        QPalette.ColorRole.Highlight: tokens.accent,
        QPalette.ColorRole.HighlightedText: tokens.on_accent,
        QPalette.ColorRole.ToolTipBase: tokens.raised,
        QPalette.ColorRole.ToolTipText: tokens.text,
        QPalette.ColorRole.Link: tokens.accent,
    }
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    return palette


def make_style_sheet(tokens: Tokens) -> str:
    """Return the style sheet of the application."""
    t = tokens
    field = (
        f"border: {HAIRLINE}px solid transparent; border-radius: {RADIUS}px; background: {t.raised}; color: {t.text};"
    )
    return f"""
    QWidget {{ color: {t.text}; font-size: {TYPE_BODY}px; }}
    QMainWindow, QDialog {{ background: {t.ground}; }}
    QToolTip {{ background: {t.raised}; color: {t.text}; border: {HAIRLINE}px solid {t.line}; padding: {GRID}px; }}
    QAbstractSpinBox, QComboBox, QLineEdit {{ {field} min-height: {CONTROL_HEIGHT - 4}px; padding: 0 {2 * GRID}px;
        selection-background-color: {t.accent}; selection-color: {t.on_accent}; }}
    QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ width: 0; border: none; }}
    QAbstractSpinBox QLineEdit {{ border: none; background: transparent; min-height: 0; padding: 0; }}
    QAbstractSpinBox:hover, QComboBox:hover {{ background: {t.pressed}; }}
    QAbstractSpinBox:focus, QComboBox:focus, QLineEdit:focus {{ border-color: {t.accent}; }}
    QAbstractSpinBox:disabled, QComboBox:disabled {{ color: {t.faint}; }}
    QComboBox::drop-down {{ border: none; width: {4 * GRID}px; }}
    QComboBox::down-arrow {{ image: none; width: 0; height: 0; border-left: 4px solid {t.raised};
        border-right: 4px solid {t.raised}; border-top: 5px solid {t.quiet}; margin-right: {2 * GRID}px; }}
    QComboBox::down-arrow:hover {{ border-left-color: {t.pressed}; border-right-color: {t.pressed}; }}
    QComboBox QAbstractItemView, QMenu {{ background: {t.raised}; color: {t.text};
        border: {HAIRLINE}px solid {t.line}; outline: none; padding: {GRID}px; }}
    QComboBox QAbstractItemView::item {{ min-height: {CONTROL_HEIGHT}px; padding: 0 {2 * GRID}px; }}
    QComboBox QAbstractItemView::item:selected {{ background: {t.accent}; color: {t.on_accent}; }}
    QMenu::item {{ padding: {GRID + 1}px {6 * GRID}px; border-radius: {RADIUS}px; }}
    QMenu::item:selected {{ background: {t.accent}; color: {t.on_accent}; }}
    QMenu::item:disabled {{ color: {t.faint}; }}
    QMenu::separator {{ height: {HAIRLINE}px; background: {t.line}; margin: {GRID}px {2 * GRID}px; }}
    QCheckBox {{ color: {t.quiet}; spacing: {2 * GRID}px; }}
    QCheckBox::indicator {{ width: 12px; height: 12px; border-radius: 3px; background: {t.raised};
        border: {HAIRLINE}px solid {t.faint}; }}
    QCheckBox::indicator:checked {{ background: {t.accent}; border-color: {t.accent}; }}
    QCheckBox:focus {{ color: {t.text}; }}
    QCheckBox::indicator:focus {{ border-color: {t.accent}; }}
    QCheckBox::indicator:checked:focus {{ border-color: {t.text}; }}
    QPlainTextEdit {{ background: {t.well}; color: {t.quiet}; border: none; font-size: {TYPE_SMALL}px;
        selection-background-color: {t.accent}; selection-color: {t.on_accent}; }}
    QScrollBar:vertical {{ background: transparent; width: 8px; }}
    QScrollBar:horizontal {{ background: transparent; height: 8px; }}
    QScrollBar::handle {{ background: {t.pressed}; border-radius: 4px; min-height: 24px; min-width: 24px; }}
    QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{ width: 0; height: 0;
        background: none; }}
    """
