"""The shapes of the JSON in questions and responses; every way in (admin, API, imports) goes through here.

- multiple choice: `options = [{"id": "a", "text": "…"}, …]`, `correct_answer = ["a", …]`, `response = ["a", …]`
- true or false: `options = null`, `correct_answer = true | false`, `response = true | false`
- essay: `correct_answer = null` or a model answer, `response` a text
- coding: `test_cases = [{"input": "…", "output": "…", "sample": true, "points": 1}, …]`, `response = {"code": "…"}`
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from projectgenius.db import NOT_STORABLE
from projectgenius.numbers import plain_decimal

MOST_OPTIONS = 20
LONGEST_OPTION_ID = 20
LONGEST_OPTION = 2_000  # characters
LONGEST_ESSAY = 100_000
LONGEST_CODE = 64_000
MOST_TESTS = 100
MOST_TEST_POINTS = 1_000
LONGEST_TESTS = 1_000_000  # characters of inputs and outputs of one question together
MOST_SECONDS = 30
MOST_MEGABYTES = 1024
LANGUAGES = ("python", "javascript", "c", "cpp", "java", "bash")


def error(message: str, code: str) -> ValidationError:
    """A sentence about one field, with a code for programs."""
    return ValidationError(message, code=code)


# --- Questions ------------------------------------------------------------------------------------


def check_question(question: Any) -> None:
    """Options and correct answer fit the type. Raises ValidationError by field."""
    check = {
        "multiple_choice": _multiple_choice_problems,
        "true_false": _true_false_problems,
        "essay": _essay_problems,
        "coding": _no_answer_problems,
    }.get(question.question_type)
    if check is None:
        raise ValidationError({"question_type": error(_("Choose one of the listed types."), "unknown_type")})
    if problems := check(question.options, question.correct_answer):
        raise ValidationError(problems)


def _multiple_choice_problems(options: Any, correct: Any) -> dict[str, ValidationError]:
    problems = {}
    if problem := options_problem(options):
        problems["options"] = problem
        return problems
    ids = [option["id"] for option in options]
    if not isinstance(correct, list) or not correct:
        problems["correct_answer"] = error(_("Mark at least one option as correct."), "no_correct_option")
    elif not all(isinstance(one, str) for one in correct) or len(set(correct)) != len(correct):
        problems["correct_answer"] = error(_("Name each correct option once."), "repeated_option")
    elif unknown := [one for one in correct if one not in ids]:
        message = _("There is no option “%(option)s”.") % {"option": unknown[0]}
        problems["correct_answer"] = error(message, "unknown_option")
    return problems


def options_problem(options: Any) -> ValidationError | None:
    """What is wrong with the options of a multiple choice question."""
    if not isinstance(options, list) or not 2 <= len(options) <= MOST_OPTIONS:
        message = _("Give 2 to %(most)s options.") % {"most": MOST_OPTIONS}
        return error(message, "number_of_options")
    seen: set[str] = set()
    for place, option in enumerate(options, start=1):
        if not isinstance(option, dict) or set(option) != {"id", "text"}:
            return error(
                _("Option %(place)s needs an “id” and a “text”, nothing else.") % {"place": place},
                "option_shape",
            )
        key, text = option["id"], option["text"]
        if not isinstance(key, str) or not 1 <= len(key) <= LONGEST_OPTION_ID or not key.isalnum():
            return error(
                _("The id of option %(place)s must be letters and figures, at most 20.") % {"place": place},
                "option_id",
            )
        if key in seen:
            return error(_("Two options have the id “%(id)s”.") % {"id": key}, "repeated_id")
        is_text = isinstance(text, str) and text.strip() and not NOT_STORABLE.search(text)
        if not is_text or len(text) > LONGEST_OPTION:
            return error(_("Enter the text of option %(place)s.") % {"place": place}, "option_text")
        seen.add(key)
    return None


def _true_false_problems(options: Any, correct: Any) -> dict[str, ValidationError]:
    problems = {}
    if options:
        problems["options"] = error(_("A true or false question has no options."), "options_not_used")
    if not isinstance(correct, bool):
        problems["correct_answer"] = error(_("Say whether it is true or false."), "not_a_truth")
    return problems


def _essay_problems(options: Any, correct: Any) -> dict[str, ValidationError]:
    problems = {}
    if options:
        problems["options"] = error(_("An essay question has no options."), "options_not_used")
    if correct is not None and (not isinstance(correct, str) or NOT_STORABLE.search(correct)):
        problems["correct_answer"] = error(_("The model answer must be a text, or left empty."), "not_a_text")
    return problems


def _no_answer_problems(options: Any, correct: Any) -> dict[str, ValidationError]:
    problems = {}
    if options:
        problems["options"] = error(_("A coding question has no options."), "options_not_used")
    if correct is not None:
        problems["correct_answer"] = error(
            _("A coding question is graded by its tests, not by an answer."), "answer_not_used"
        )
    return problems


# --- Coding questions -----------------------------------------------------------------------------


def check_coding(coding: Any) -> None:
    """Language, tests and limits of a coding question. Raises ValidationError by field."""
    problems = {}
    if coding.language not in LANGUAGES:
        names = ", ".join(LANGUAGES)
        message = _("Choose one of these languages: %(names)s.") % {"names": names}
        problems["language"] = error(message, "unknown_language")
    if problem := tests_problem(coding.test_cases):
        problems["test_cases"] = problem
    if not 1 <= (coding.time_limit_seconds or 0) <= MOST_SECONDS:
        message = _("The time limit must be 1 to %(most)s seconds.") % {"most": MOST_SECONDS}
        problems["time_limit_seconds"] = error(message, "time_limit")
    elif "test_cases" not in problems and _seconds_of(coding) > settings.JUDGING_SECONDS:
        message = _(
            "All tests together may take %(most)s seconds. Lower the time limit, or give fewer tests."
        )
        problems["time_limit_seconds"] = error(message % {"most": settings.JUDGING_SECONDS}, "time_of_tests")
    if not 16 <= (coding.memory_limit_mb or 0) <= MOST_MEGABYTES:
        message = _("The memory limit must be 16 to %(most)s MB.") % {"most": MOST_MEGABYTES}
        problems["memory_limit_mb"] = error(message, "memory_limit")
    for name in ("starter_code", "solution"):
        if problem := code_problem(getattr(coding, name) or ""):
            problems[name] = problem
    if problems:
        raise ValidationError(problems)


def _seconds_of(coding: Any) -> int:
    """Processor time that a program may take that keeps to the limit in every test."""
    return len(coding.test_cases) * int(coding.time_limit_seconds)


def tests_problem(tests: Any) -> ValidationError | None:
    """What is wrong with the test cases of a coding question or a challenge."""
    if not isinstance(tests, list) or not 1 <= len(tests) <= MOST_TESTS:
        message = _("Give 1 to %(most)s tests.") % {"most": MOST_TESTS}
        return error(message, "number_of_tests")
    if problem := next(
        (problem for place, test in enumerate(tests, 1) if (problem := _test_problem(place, test))), None
    ):
        return problem
    if sum(len(test["input"]) + len(test["output"]) for test in tests) > LONGEST_TESTS:
        return error(_("The tests are too long together: at most 1 MB."), "tests_too_long")
    if not sum(points_of_test(test) for test in tests):
        return error(_("At least one test must be worth points."), "no_points")
    return None


def _test_problem(place: int, test: Any) -> ValidationError | None:
    if not isinstance(test, dict) or not set(test) <= {"input", "output", "sample", "points"}:
        return error(_("Test %(place)s needs an input and an output.") % {"place": place}, "test_shape")
    for name in ("input", "output"):
        if not isinstance(test.get(name), str) or NOT_STORABLE.search(test[name]):
            return error(_("Test %(place)s needs an input and an output.") % {"place": place}, "test_shape")
    if not isinstance(test.get("sample", False), bool):
        return error(_("Test %(place)s is a sample or it is not.") % {"place": place}, "test_sample")
    points = test.get("points", 1)
    if isinstance(points, bool) or not isinstance(points, int | float | str):
        return error(_("The points of test %(place)s must be a number.") % {"place": place}, "test_points")
    if plain_decimal(points, MOST_TEST_POINTS) is None:
        return error(_("The points of test %(place)s must be 0 to 1000.") % {"place": place}, "test_points")
    return None


def points_of_test(test: dict[str, Any]) -> Decimal:
    """What a test counts among the tests of its question; 1 unless it says otherwise."""
    return Decimal(str(test.get("points", 1)))


# --- Responses ------------------------------------------------------------------------------------


def check_response(entry: dict[str, Any], response: Any) -> None:
    """A student's response fits the question as it was asked. `None` takes an answer back.

    `entry` is the question's entry on the attempt's paper. Raises ValidationError for the field `response`.
    """
    if response is None:
        return
    checks: dict[str, Callable[[dict[str, Any], Any], ValidationError | None]] = {
        "multiple_choice": _choice_problem,
        "true_false": _truth_problem,
        "essay": _essay_problem,
        "coding": _code_problem,
    }
    if problem := checks[entry["type"]](entry, response):
        raise ValidationError({"response": problem})


def _choice_problem(entry: dict[str, Any], response: Any) -> ValidationError | None:
    ids = {option["id"] for option in entry["options"]}
    if not isinstance(response, list) or not all(isinstance(one, str) for one in response):
        return error(_("Name the chosen options in a list."), "response_shape")
    if len(set(response)) != len(response) or not set(response) <= ids:
        return error(_("Choose among the options of this question."), "unknown_option")
    if len(response) > 1 and not entry["several"]:
        return error(_("Choose one option."), "one_option_only")
    return None


def _truth_problem(_entry: dict[str, Any], response: Any) -> ValidationError | None:
    return None if isinstance(response, bool) else error(_("Choose true or false."), "response_shape")


def _essay_problem(_entry: dict[str, Any], response: Any) -> ValidationError | None:
    if not isinstance(response, str) or NOT_STORABLE.search(response):
        return error(_("Write your answer as text."), "response_shape")
    if len(response) > LONGEST_ESSAY:
        return error(_("Your answer is too long: at most 100,000 characters."), "too_long")
    return None


def _code_problem(_entry: dict[str, Any], response: Any) -> ValidationError | None:
    if not isinstance(response, dict) or set(response) != {"code"} or not isinstance(response["code"], str):
        return error(_("Send your program as “code”."), "response_shape")
    return code_problem(response["code"])


def code_problem(code: str) -> ValidationError | None:
    """What is wrong with a program before anybody ran it."""
    if NOT_STORABLE.search(code):
        return error(_("Your program holds a character that no program can hold."), "null_character")
    if len(code) > LONGEST_CODE:
        return error(_("Your program is too long: at most 64,000 characters."), "too_long")
    return None


def is_empty(response: Any) -> bool:
    """Whether a saved response answers nothing: taken back, no option chosen, blank text, blank program."""
    if isinstance(response, dict):
        response = response.get("code", "")
    return response is None or response == [] or (isinstance(response, str) and not response.strip())
