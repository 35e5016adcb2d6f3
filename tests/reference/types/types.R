# Type I, II and III tests by lmerTest, by both methods, of unbalanced tables at a tight optimum.
# Run in this folder: Rscript types.R; it writes types.json.
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(jsonlite)})
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e6))
rows <- function(x) cbind(term = rownames(x), as.data.frame(x))
one <- function(csv, formula) {
  f <- suppressMessages(lmer(as.formula(formula), read.csv(file.path("..", "anova", csv), stringsAsFactors = TRUE), control = control))
  tests <- lapply(c("1" = 1, "2" = 2, "3" = 3), function(type) {
    print(anova(f, type = type))
    list(satterthwaite = rows(anova(f, type = type)), kenward_roger = rows(anova(f, type = type, ddf = "Kenward-Roger")))
  })
  list(csv = csv, formula = formula, tests = tests)
}
models <- list(
  one("ham.csv", "Informed.liking ~ Gender * Information + Age + (1 | Consumer)"),
  one("ham.csv", "Informed.liking ~ Product * Age + Gender + (1 | Consumer)"),
  one("ham.csv", "Informed.liking ~ Product * Information * Gender + (1 | Consumer)"),
  one("ham.csv", "Informed.liking ~ Age + Gender:Information + Gender + Information + (1 | Consumer)"),
  one("ham.csv", "Informed.liking ~ 0 + Product + Age + (1 | Consumer)"),
  one("carrots.csv", "Preference ~ sens2 * Homesize + (1 + sens2 | Consumer) + (1 | Product)"),
  one("carrots.csv", "Preference ~ sens2 + I(sens2^2) + Homesize + (1 | Consumer) + (1 | Product)"))
versions <- lapply(c(lme4 = "lme4", lmerTest = "lmerTest", pbkrtest = "pbkrtest"), function(p) as.character(packageVersion(p)))
write_json(list(R = R.version.string, versions = versions, models = models), "types.json", digits = NA, auto_unbox = TRUE)
