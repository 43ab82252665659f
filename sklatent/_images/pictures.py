"""Pictures of pillow, as arrays of what they show."""

from typing import Any

__all__ = ["as_shown"]

# Kinds whose numbers are no brightnesses of grey, or of red, green and blue.
_OTHER_KINDS = {"P", "PA", "CMYK", "YCbCr", "LAB", "HSV"}


def as_shown(X: Any) -> Any:
    """Return X with its pictures of a palette, or of other colours, as red, green and blue.

    Opacity that differs from pixel to pixel, or a colour that stands for none, is a fourth channel.
    """
    if isinstance(X, list | tuple):
        return [as_shown(each) for each in X] if any(map(_is_picture, X)) else X
    if not _is_picture(X) or X.mode not in _OTHER_KINDS:
        return X
    opacity = X.mode == "PA" or "transparency" in X.info
    return X.convert("RGBA" if opacity else "RGB")


def _is_picture(X: Any) -> bool:
    # A subclass of pillow's class is one by its methods; pillow itself may not be there.
    named = any(kind.__module__.startswith("PIL.") for kind in type(X).__mro__)
    return named and hasattr(X, "convert") and hasattr(X, "mode")
