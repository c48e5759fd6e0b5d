"""The suites that are shared by both stores say what differed when they fail."""

import pytest

pytest.register_assert_rewrite("tests.engine.store.contract", "tests.engine.store.samples")
