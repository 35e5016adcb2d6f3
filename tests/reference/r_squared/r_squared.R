# Nakagawa's R² and its parts, by performance and insight, of fits at a tight optimum.
# Run in this folder: Rscript r_squared.R; it writes r_squared.json.
suppressMessages({library(lme4); library(insight); library(performance); library(jsonlite)})
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e6))
one <- function(csv, formula) {
  d <- read.csv(file.path("..", csv), stringsAsFactors = TRUE)
  if (!is.null(d$Subject)) d$Subject <- factor(d$Subject)
  f <- lmer(as.formula(formula), d, control = control)
  r <- r2_nakagawa(f); v <- get_variance(f)
  cat(formula, unlist(r), "\n")
  list(csv = csv, formula = formula, marginal = unname(r$R2_marginal), conditional = unname(r$R2_conditional),
       fixed = v$var.fixed, random = v$var.random, residual = v$var.residual)
}
models <- list(
  one("classic/sleepstudy.csv", "Reaction ~ Days + (1 + Days | Subject)"),
  one("classic/sleepstudy.csv", "Reaction ~ Days + (Days || Subject)"),
  one("classic/Penicillin.csv", "diameter ~ 1 + (1 | plate) + (1 | sample)"),
  one("anova/ham.csv", "Informed.liking ~ Gender * Information + Age + (1 | Consumer)"),
  one("anova/ham.csv", "Informed.liking ~ Product * Information + (1 | Consumer / Product)"),
  one("anova/carrots.csv", "Preference ~ sens2 * Homesize + (1 + sens2 | Consumer) + (1 | Product)"))
versions <- lapply(c(lme4 = "lme4", performance = "performance", insight = "insight"), function(p) as.character(packageVersion(p)))
write_json(list(R = R.version.string, versions = versions, models = models), "r_squared.json", digits = NA, auto_unbox = TRUE)
