"""`make form`: the template ``mixed_model`` in the browser, for somebody who will not type a formula.

    python -m helpers.report.form        # options of Jupyter Server may follow, such as --no-browser

A table is chosen, its columns are said to be what they are, and the page shows what follows: the formula, in words and
as lme4 writes it, the number of rows in each cell of the design, the question, and the very `make report` command that
the button then runs. `table_columns` looks at a table, `model_asked` makes parameters of answers, `formula_in_words`
says them: none of the three knows of a page. `sent_answers` takes what a page sent, `form_page` and `markup` make its
parts, `uploads` keeps tables, `report_runs` runs the command, `form_server` has the addresses.

The page is made with Jupyter Server and Jinja, which JupyterLab itself is built on: they are well kept, already
installed, and bring the token, the check of the host and of where a request comes from, and markup that shows what a
table holds as plain text. Voilà would show widgets without a page of ours, but asks a server elsewhere for MathJax, and
its FileUpload takes no file that is dropped on it. Panel brings a server of its own, without Jupyter's token.
"""
