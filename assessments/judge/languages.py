"""The languages that the judge knows. Which of them this machine can run, the self-test finds out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """`file_name`: what the source is called while it is compiled and run. `version`: of the runtime found here, such
    as "gcc 12.2.0"; in `LANGUAGES` only what every machine promises, such as "C17".
    """

    code: str
    name: str
    file_name: str
    version: str


LANGUAGES: dict[str, Language] = {
    language.code: language
    for language in (
        Language("python", "Python", "main.py", "Python 3"),
        Language("javascript", "JavaScript", "main.js", "Node.js"),
        Language("c", "C", "main.c", "C17"),
        Language("cpp", "C++", "main.cpp", "C++20"),
        Language("java", "Java", "Main.java", "Java"),
        Language("bash", "Bash", "main.sh", "Bash"),
    )
}
