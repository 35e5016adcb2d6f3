"""The lessons in order, their map, and a reader's own copy of them.

`python -m helpers.course lab` opens the course in JupyterLab, `python -m helpers.course fresh 03` lays a clean copy of
a lesson: these are `make lab` and `make fresh`.
"""

from helpers.course.drawn_map import lesson_map, where_to_go_on
from helpers.course.lessons import APPENDIX, BESIDES, LESSONS, PARTS, Lesson

__all__ = ["APPENDIX", "BESIDES", "LESSONS", "PARTS", "Lesson", "lesson_map", "where_to_go_on"]
