# Seven models of lme4's own data sets, at a tight optimum, with lmerTest's and pbkrtest's tables.
# Run in this folder: Rscript classic.R > again.json; it reads the CSV files beside it and prints what classic.json holds.
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(jsonlite)})
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9))
rows <- function(x) cbind(term = rownames(x), as.data.frame(x))
components <- function(f) as.data.frame(VarCorr(f))
variances <- function(f) {v <- components(f)[, c("grp", "var1", "var2", "vcov", "sdcor")]; v[, colSums(!is.na(v)) > 0]}
table3 <- function(f, ddf) {a <- anova(f, type = "III", ddf = ddf); if (nrow(a)) rows(a) else list()}
one <- function(csv, formula) {
  d <- read.csv(paste0(csv, ".csv"), stringsAsFactors = TRUE)
  if ("Subject" %in% names(d)) d$Subject <- factor(d$Subject)
  messages <- character()
  f <- withCallingHandlers(lmer(as.formula(formula), d, control = control),
                           message = function(m) {messages <<- c(messages, trimws(conditionMessage(m))); invokeRestart("muffleMessage")})
  ml <- suppressMessages(lmer(as.formula(formula), d, control = control, REML = FALSE))
  list(dataset = csv, package = "lme4", csv = paste0(csv, ".csv"), formula = formula, nobs = nobs(f),
       contrasts = "R default: treatment; reference = first of 'levels'", levels = lapply(Filter(is.factor, d), levels),
       singular = isSingular(f), messages = messages, REMLcrit = REMLcrit(f), varcorr = variances(f), theta = unname(getME(f, "theta")),
       satterthwaite = rows(coef(summary(f))), kenward_roger = rows(coef(summary(f, ddf = "Kenward-Roger"))),
       vcov = unname(as.matrix(vcov(f))), vcov_KR = unname(as.matrix(vcovAdj(f))),
       anova_III_satt = table3(f, "Satterthwaite"), anova_III_KR = table3(f, "Kenward-Roger"),
       ML = list(logLik = as.numeric(logLik(ml)), varcorr = variances(ml), coef = as.list(fixef(ml))),
       ranef = lapply(ranef(f, condVar = FALSE), function(b) cbind(level = rownames(b), b)))
}
models <- list(
  one("sleepstudy", "Reaction ~ Days + (Days|Subject)"), one("sleepstudy", "Reaction ~ Days + (Days||Subject)"),
  one("sleepstudy", "Reaction ~ Days + (1|Subject)"), one("Dyestuff2", "Yield ~ 1 + (1|Batch)"),
  one("Penicillin", "diameter ~ 1 + (1|plate) + (1|sample)"), one("Pastes", "strength ~ 1 + (1|batch) + (1|sample)"),
  one("Pastes", "strength ~ 1 + (1|sample)"))
versions <- lapply(c(lme4 = "lme4", lmerTest = "lmerTest", pbkrtest = "pbkrtest"), function(p) as.character(packageVersion(p)))
cat(toJSON(list(R = R.version.string, versions = versions, lmm = models), digits = NA, auto_unbox = TRUE))
