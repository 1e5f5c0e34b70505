"""Marks texts of tables for translation: Qt's own marker is typed as giving any object.

The name is Qt's, because its extractor looks for it. Must never translate: that happens when a text is shown.
"""


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:
    """Return `text` as it is; `context` is what it will be translated under."""
    del context
    return text
