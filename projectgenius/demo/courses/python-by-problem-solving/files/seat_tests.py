"""Checks for the lesson on seat numbers.

Write your function below, then run this file:  python seat_tests.py
It says nothing more than "all passed" when every claim holds.
"""


def seat(ticket):
    """The seat, such as "B1", for a ticket from 0 to 95."""
    # Replace this line by your own: it is only right for one ticket.
    return "A1"


def test_examples():
    """Both ends, both sides of a row's end, and one ordinary case."""
    assert seat(0) == "A1"
    assert seat(5) == "A6"
    assert seat(11) == "A12"
    assert seat(12) == "B1"
    assert seat(95) == "H12"


def test_outside_is_refused():
    """A ticket that does not exist must raise a ValueError."""
    for ticket in (-1, 96, 1000):
        try:
            seat(ticket)
        except ValueError:
            continue
        raise AssertionError(f"seat({ticket}) should raise a ValueError")


def test_all_different():
    """96 tickets, 96 seats."""
    seats = {seat(ticket) for ticket in range(96)}
    assert len(seats) == 96


if __name__ == "__main__":
    test_examples()
    test_outside_is_refused()
    test_all_different()
    print("all passed")
