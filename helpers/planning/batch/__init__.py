"""Any random part, one design, many outcomes: the numerical core. Arrays in, arrays out; numpy and scipy only.

The model and its letters are those of `helpers.mixed.reml`. What depends on the design alone is computed once, and
blocks of the random part that are alike (animals of one treatment, say) are one *class*: of all their data the
likelihood needs two sums. So the work does not grow with the number of animals. Arrays run over outcomes along their
last axis, so that every step is one operation on long rows.

`classes` reduces outcomes to sums, `heights` has the deviance and its derivatives, `search` finds the optimum of each
outcome, `inferences` the covariance and the degrees of freedom of contrasts.
"""
