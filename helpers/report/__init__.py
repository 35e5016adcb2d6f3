"""A reader's own table in, a report out: the templates' cells call this package, `make report` runs them.

    python -m helpers.report TEMPLATE=mixed_model DATA=my.csv FORMULA="log(length) ~ condition + (1 | replicate)"

`options` names the parameters, `own_table` reads the table, `mixed_model` and its siblings hold one template each,
`verdicts` and `phrases` say what was found, `output` saves it, and `run` makes the folder under ``reports/``.
"""
