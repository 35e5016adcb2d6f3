# Fits the problems of a folder (problems.json, one CSV each) by lme4, lmerTest, pbkrtest and emmeans; called by fuzz.py:
# Rscript fit.R folder problems.json answers.json bobyqa|Nelder_Mead
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(emmeans); library(jsonlite)})
arguments <- commandArgs(TRUE); setwd(arguments[1])
control <- if (arguments[4] == "bobyqa") lmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = 2e-2, rhoend = 1e-9, maxfun = 1e5)) else
  lmerControl(optimizer = "Nelder_Mead", optCtrl = list(FtolAbs = 1e-14, FtolRel = 1e-15, XtolRel = 1e-9, maxfun = 1e5))
emm_options(lmerTest.limit = 1e5, pbkrtest.limit = 1e5)
table_of <- function(m) list(names = I(rownames(m)), values = unname(as.matrix(m)))
answer <- function(p) {
  d <- read.csv(p$csv); for (v in setdiff(names(d), c("y", "x", "z"))) d[[v]] <- factor(d[[v]])
  f <- suppressMessages(suppressWarnings(lmer(as.formula(p$formula), d, control = control)))
  s <- suppressMessages(summary(f)$coefficients); k <- suppressMessages(summary(f, ddf = "Kenward-Roger")$coefficients)
  a <- suppressMessages(anova(f)); ak <- suppressMessages(anova(f, ddf = "Kenward-Roger"))
  out <- list(id = p$id, criterion = REMLcrit(f), sigma = sigma(f), satterthwaite = table_of(s), kenward_roger = table_of(k),
              anova = table_of(a), anova_kr = table_of(ak), hypotheses = lapply(show_tests(a), function(L) unname(as.matrix(L))), terms = I(names(getME(f, "cnms"))), factors = lapply(unname(getME(f, "Tlist")), as.matrix))
  if (p$means != "") for (method in c("satterthwaite", "kenward-roger"))
    out[[paste0("means_", method)]] <- as.list(as.data.frame(suppressMessages(emmeans(f, p$means, lmer.df = method))))
  out
}
problems <- fromJSON(arguments[2], simplifyVector = FALSE)
answers <- lapply(problems, function(p) tryCatch(answer(p), error = function(e) list(id = p$id, error = conditionMessage(e))))
write_json(answers, arguments[3], digits = NA, auto_unbox = TRUE)
