"""A day of shared bikes: one possible finished version of the final project.

Run it next to trips.csv:  python bike_report.py
"""

import csv
from collections import Counter

STATIONS = {"Harbour", "Market", "Park", "Rail"}


def to_minutes(clock):
    """Minutes since midnight for a time such as "07:45"."""
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def parse_trip(row):
    """One row of the file as a trip; ValueError says what is wrong with it."""
    for side in ("from", "to"):
        if row[side] not in STATIONS:
            raise ValueError(f"unknown station {row[side]!r}")
    if row["start"] == "" or row["end"] == "":
        raise ValueError("a time is missing")
    start = to_minutes(row["start"])
    end = to_minutes(row["end"])
    if end < start:
        raise ValueError("ends before it starts")
    return {
        "trip": row["trip"],
        "bike": row["bike"],
        "from": row["from"],
        "to": row["to"],
        "start": start,
        "minutes": end - start,
    }


def clean(rows):
    """The usable trips, and one line for each row left out."""
    trips = []
    problems = []
    seen = set()
    for row in rows:
        try:
            if row["trip"] in seen:
                raise ValueError("listed twice")
            seen.add(row["trip"])
            trips.append(parse_trip(row))
        except ValueError as error:
            problems.append(f"{row['trip']}: {error}")
    return trips, problems


def load(path):
    """All rows of the file, as text."""
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def trips_by_hour(trips):
    """How many trips start in each hour."""
    return Counter(trip["start"] // 60 for trip in trips)


def busiest_hours(trips):
    """The hours with the most starts (there may be a tie), and that number."""
    counts = trips_by_hour(trips)
    most = max(counts.values())
    return sorted(hour for hour in counts if counts[hour] == most), most


def median(values):
    """The middle value, or the mean of the two middle ones."""
    ordered = sorted(values)
    half = len(ordered) // 2
    if len(ordered) % 2 == 1:
        return ordered[half]
    return (ordered[half - 1] + ordered[half]) / 2


def bikes_needed(trips, station):
    """The fewest bikes the station must hold in the morning to never run dry."""
    changes = []
    for trip in trips:
        if trip["from"] == station:
            changes.append((trip["start"], -1))
        if trip["to"] == station:
            changes.append((trip["start"] + trip["minutes"], 1))
    # At the same minute -1 sorts before +1: a bike leaves before one arrives.
    balance = 0
    lowest = 0
    for _, change in sorted(changes):
        balance += change
        lowest = min(lowest, balance)
    return -lowest


def report(trips, problems):
    """The whole report as text."""
    minutes = [trip["minutes"] for trip in trips]
    hours, most = busiest_hours(trips)
    clock = ", ".join(f"{hour:02d}:00" for hour in hours)
    lines = [f"{len(trips)} usable trips, {len(problems)} records left out:"]
    for problem in problems:
        lines.append(f"  {problem}")
    lines.append(f"Most starts in one hour: {most} ({clock})")
    lines.append(f"Half of the trips take {median(minutes):g} minutes or less")
    lines.append("Bikes needed in the morning:")
    for station in sorted(STATIONS):
        lines.append(f"  {station:<8}{bikes_needed(trips, station):>2}")
    return "\n".join(lines)


def main():
    """Read the file and print the report."""
    trips, problems = clean(load("trips.csv"))
    print(report(trips, problems))


if __name__ == "__main__":
    main()
