"""Per cent with two decimals, half up."""

import pytest

from courses.progress import percent


@pytest.mark.parametrize(
    ("done", "total", "expected"),
    [
        (0, 0, "0.00"),
        (0, 7, "0.00"),
        (1, 3, "33.33"),
        (2, 3, "66.67"),
        (1, 32, "3.13"),  # 3.125: half up, where half to even gives 3.12
        (3, 32, "9.38"),  # 9.375
        (1, 7, "14.29"),
        (999, 1000, "99.90"),
        (9999, 10000, "99.99"),
        (99999, 100000, "100.00"),  # rounded; whether all is done is asked of the counts
        (7, 7, "100.00"),
    ],
)
def test_percentages_have_two_decimals_half_up(done: int, total: int, expected: str) -> None:
    assert str(percent(done, total)) == expected
