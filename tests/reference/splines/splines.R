# B-splines and natural splines in mixed models, at a tight optimum: criteria, tests, predictions at new data, slopes.
# Run in this folder: Rscript splines.R; it writes splines.json.
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(emmeans); library(splines); library(numDeriv); library(jsonlite)})
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e6))
carrots <- read.csv("../anova/carrots.csv", stringsAsFactors = TRUE)
at <- c(-4, -1.7, 0.3, 2, 3.3)                                         # not values of the table
one <- function(fixed, python, beyond = NULL) {
  f <- suppressMessages(lmer(as.formula(paste("Preference ~", fixed, "+ (1 | Consumer)")), carrots, control = control))
  new <- expand.grid(sens2 = c(at, beyond), Homesize = levels(carrots$Homesize))
  new$predicted <- predict(f, new, re.form = NA)
  new$slope <- sapply(seq_len(nrow(new)), function(i)
    if (new$sens2[i] %in% beyond) NA else grad(function(s) predict(f, data.frame(sens2 = s, Homesize = new$Homesize[i]), re.form = NA), new$sens2[i]))
  tests <- anova(f, ddf = "Kenward-Roger")
  means <- as.data.frame(emmeans(f, ~ sens2, at = list(sens2 = at), lmer.df = "satterthwaite"))
  differences <- as.data.frame(contrast(emmeans(f, ~ sens2, at = list(sens2 = at), lmer.df = "satterthwaite"), "consec"))
  X <- unname(model.matrix(f)); print(tests); print(means)
  list(formula = paste("Preference ~", python, "+ (1 | Consumer)"), REMLcrit = REMLcrit(f), new = new, means = means, differences = differences,
       tests = cbind(term = rownames(tests), as.data.frame(tests)), first_row = X[1, ], coefficients = unname(fixef(f)))
}
range <- range(carrots$sens2); print(range)
models <- list(
  one("bs(sens2, df = 5)", "bs(sens2, df = 5)"),
  one("bs(sens2, degree = 2, knots = c(-1, 1)) + Homesize", "bs(sens2, degree = 2, knots = [-1, 1]) + Homesize"),
  one("ns(sens2, df = 3)", "ns(sens2, df = 3)", beyond = c(-6, 8)),
  one("ns(sens2, df = 3) * Homesize", "ns(sens2, df = 3) * Homesize", beyond = c(-6, 8)),
  one("ns(sens2, knots = c(-1, 1), Boundary.knots = c(-3, 3))", "ns(sens2, knots = [-1, 1], lower_bound = -3, upper_bound = 3)", beyond = 5))
versions <- lapply(c(lme4 = "lme4", lmerTest = "lmerTest", emmeans = "emmeans"), function(p) as.character(packageVersion(p)))
write_json(list(R = R.version.string, versions = versions, at = at, range = range, models = models), "splines.json", digits = NA, auto_unbox = TRUE)
