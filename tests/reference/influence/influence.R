# Leaving one group out: lme4's influence(), at a tight optimum. Cook's distance here is (b - b_)' V^-1 (b - b_) / p, as in
# Nieuwenhuis, te Grotenhuis & Pelzer 2012 (influence.ME); lme4 multiplies it by (n - p) / n, n the number of groups.
# Run in this folder: Rscript influence.R; it writes influence.json.
suppressMessages({library(lme4); library(jsonlite)})
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e6))
one <- function(csv, formula, group) {
  d <- read.csv(file.path("..", csv), stringsAsFactors = TRUE); d[[group]] <- factor(d[[group]])
  f <- lmer(as.formula(formula), d, control = control); beta <- fixef(f); V <- as.matrix(vcov(f))
  left <- lapply(levels(d[[group]]), function(level) {
    rest <- droplevels(d[d[[group]] != level, ]); g <- suppressMessages(lmer(as.formula(formula), rest, control = control))
    diff <- beta - fixef(g)
    list(level = level, estimate = unname(fixef(g)), std_error = unname(sqrt(diag(as.matrix(vcov(g))))), sigma = sigma(g),
         cook = drop(t(diff) %*% solve(V, diff)) / length(beta), singular = isSingular(g))
  })
  own <- suppressWarnings(influence(f, groups = group, data = d, maxfun = 1e4))     # lme4's optimizer stops earlier
  lme4_cook <- cooks.distance(own); print(cbind(sapply(left, `[[`, "cook"), lme4_cook))
  list(csv = csv, formula = formula, group = group, left = left, lme4_cook = unname(lme4_cook), lme4_levels = as.character(own$deleted), lme4_estimates = unname(own[[2]]))
}
models <- list(
  one("classic/sleepstudy.csv", "Reaction ~ Days + (Days | Subject)", "Subject"),
  one("classic/Penicillin.csv", "diameter ~ 1 + (1 | plate) + (1 | sample)", "sample"),
  one("anova/ham.csv", "Informed.liking ~ Gender * Information + Age + (1 | Consumer)", "Consumer"),
  one("anova/ham.csv", "Informed.liking ~ Gender * Information + Age + (1 | Consumer)", "Product"))
versions <- lapply(c(lme4 = "lme4"), function(p) as.character(packageVersion(p)))
write_json(list(R = R.version.string, versions = versions, models = models), "influence.json", digits = NA, auto_unbox = TRUE)
