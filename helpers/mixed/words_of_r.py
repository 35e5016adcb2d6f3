"""Arguments of lme4, lmerTest, nlme and statsmodels, and what stands for them here."""

_NOTHING_TO_SET = "nothing need be set: the search ends at the optimum, or with an error"
_IN_THE_FORMULA = "write random effects in the formula, such as y ~ x + (1 | animal)"
_LEVEL = "use conf_level=0.95"
_ADJUST = "use helpers.contrasts.comparisons(fit, …, adjust='holm')"
_TABLES = "ask each table for it: fit.coefficients(ddf='kenward-roger')"

OF_FITTING = {
    "REML": "use reml=True or reml=False",
    "method": "use reml=True or reml=False",
    "nAGQ": "use quadrature=25, with family=",
    "control": _NOTHING_TO_SET,
    "start": _NOTHING_TO_SET,
    "verbose": _NOTHING_TO_SET,
    "optimizer": _NOTHING_TO_SET,
    "subset": "select the rows first: fit_mixed(formula, table[table['day'] > 1])",
    "na_action": "rows with missing values are left out with a warning that counts them; see table.dropna()",
    "missing": "rows with missing values are left out with a warning that counts them; see table.dropna()",
    "contrasts": "write the coding in the formula, such as C(drug, contr.sum)",
    "ddf": _TABLES,
    "random": _IN_THE_FORMULA,
    "groups": _IN_THE_FORMULA,
    "re_formula": _IN_THE_FORMULA,
    "vc_formula": _IN_THE_FORMULA,
}
OF_TABLES = {
    "level": _LEVEL,
    "adjust": _ADJUST,
    "joint": "use fit.joint_test(…) for one F test of all",
    "test": "use fit.drop_one(test='likelihood-ratio'), or helpers.mixed.compare.compare(smaller, larger)",
    "refit": "use helpers.mixed.compare.compare(smaller, larger), which refits by maximum likelihood",
    "test_statistic": "F tests are given; ddf='normal' makes them chi-squared tests",
}
OF_PREDICTION = {
    "re_form": "use random=True for the row's own groups, random=False for the mean over all",
    "allow_new_levels": "use new_levels='average'",
    "se_fit": "use interval='confidence', which gives std_error, too",
    "level": _LEVEL,
    "type": "predictions are on the scale of the model's left side; np.exp() undoes a logarithm",
}
OF_METHODS = {  # R's spelling of the degrees of freedom
    "Kenward-Roger": "kenward-roger",
    "KR": "kenward-roger",
    "kr": "kenward-roger",
    "Satterthwaite": "satterthwaite",
    "lme4": "normal",
    "asymptotic": "normal",
}
