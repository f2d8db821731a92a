"""Themes for tests of every look: the default suite takes one, the browser suite both."""

import pytest

THEMES = ("dark", pytest.param("light", marks=pytest.mark.browser))
