# drop1 (F tests by both methods, likelihood ratios) and ranova of fits at a tight optimum.
# Run in this folder: Rscript refits.R; it writes refits.json.
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(jsonlite)})
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e6))
rows <- function(x) cbind(term = rownames(x), as.data.frame(x))
one <- function(csv, formula) {
  d <- read.csv(file.path("..", csv), stringsAsFactors = TRUE); if (!is.null(d$Subject)) d$Subject <- factor(d$Subject)
  f <- suppressMessages(lmer(as.formula(formula), d, control = control))
  print(r <- ranova(f)); out <- list(csv = csv, formula = formula, ranova = rows(r))
  if (length(attr(terms(f), "term.labels"))) {
    print(out$F <- rows(drop1(f))); out$KR <- rows(drop1(f, ddf = "Kenward-Roger"))
    ml <- update(f, REML = FALSE, data = d); out$LRT <- rows(drop1(ml, ddf = "lme4", test = "Chisq")); print(out$LRT)
  }
  out
}
models <- list(
  one("classic/sleepstudy.csv", "Reaction ~ Days + (Days | Subject)"),
  one("classic/sleepstudy.csv", "Reaction ~ Days + (Days || Subject)"),
  one("classic/Penicillin.csv", "diameter ~ 1 + (1 | plate) + (1 | sample)"),
  one("classic/Pastes.csv", "strength ~ 1 + (1 | batch / cask)"),
  one("anova/ham.csv", "Informed.liking ~ Gender * Information + Age + (1 | Consumer)"),
  one("anova/ham.csv", "Informed.liking ~ Product + Information + (0 + Information | Consumer)"),
  one("anova/ham.csv", "Informed.liking ~ 0 + Product + Age + (1 | Consumer)"),
  one("anova/carrots.csv", "Preference ~ sens2 * Homesize + (1 + sens2 | Consumer) + (1 | Product)"))
versions <- lapply(c(lme4 = "lme4", lmerTest = "lmerTest", pbkrtest = "pbkrtest"), function(p) as.character(packageVersion(p)))
write_json(list(R = R.version.string, versions = versions, models = models), "refits.json", digits = NA, auto_unbox = TRUE)
