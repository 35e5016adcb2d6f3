# The mixed models of mouse.R again, each at a tight optimum: lmer's default optimizer stops early (the criterion of `seed`
# 1.8e-9 too high, its Kenward-Roger df 1e-5 off). Run in this folder: Rscript mouse_tight.R; it reads mouse.csv and writes
# mouse_tight.json.
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(jsonlite)})
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e6))
m <- read.csv("mouse.csv")
rows <- function(x) cbind(term = rownames(x), as.data.frame(x))
tests <- function(f, ddf) {a <- anova(f, type = "III", ddf = ddf); if (nrow(a)) rows(a) else list()}
one <- function(formula, REML = TRUE) {
  f <- suppressMessages(lmer(formula, m, REML = REML, control = control)); h <- f@optinfo$derivs
  out <- list(formula = deparse1(formula), REML = REML, singular = isSingular(f), criterion = if (REML) REMLcrit(f) else deviance(f),
    gradient = as.numeric(h$gradient), theta = unname(getME(f, "theta")), varcorr = as.data.frame(VarCorr(f))[, c("grp", "var1", "vcov", "sdcor")],
    satterthwaite = rows(coef(summary(f))), vcov = unname(as.matrix(vcov(f))), anova_satt = tests(f, "Satterthwaite"),
    ranef = lapply(ranef(f, condVar = FALSE), function(b) cbind(level = rownames(b), b)))
  if (REML) c(out, list(kenward_roger = rows(coef(summary(f, ddf = "Kenward-Roger"))), vcov_KR = unname(as.matrix(vcovAdj(f))),
                        anova_KR = tests(f, "Kenward-Roger"))) else out
}
scores <- Gene.X ~ (1 | urea.score) + (1 | weight.score)
scaled <- Gene.X ~ scale(urea) + scale(weight) + (1 | group)
models <- list(
  seed = one(scores), seed_ML = one(scores, FALSE), scaled_group = one(scaled), scaled_group_ML = one(scaled, FALSE),
  raw_group = one(Gene.X ~ urea + weight + (1 | group)), null_group = one(Gene.X ~ 1 + (1 | group)),
  urea_group = one(Gene.X ~ scale(urea) + (1 | group)), weight_group = one(Gene.X ~ scale(weight) + (1 | group)),
  scores_group = one(Gene.X ~ urea.score + weight.score + (1 | group)), total_group = one(Gene.X ~ total.score + (1 | group)))
versions <- lapply(c(lme4 = "lme4", lmerTest = "lmerTest", pbkrtest = "pbkrtest"), function(p) as.character(packageVersion(p)))
write_json(list(R = R.version.string, versions = versions, lmer = models), "mouse_tight.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
