# Profile intervals, conditional standard deviations, likelihood-ratio tests and information criteria.
# Run in this folder: Rscript intervals.R
suppressMessages({library(lme4); library(jsonlite)})
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9))
sleep <- read.csv("../classic/sleepstudy.csv"); penicillin <- read.csv("../classic/Penicillin.csv")
dyestuff <- read.csv("../classic/Dyestuff2.csv")
quiet <- function(e) suppressMessages(suppressWarnings(e))
fits <- list(
  slopes = lmer(Reaction ~ Days + (Days | Subject), sleep, control = tight),
  intercepts = lmer(Reaction ~ Days + (1 | Subject), sleep, control = tight),
  crossed = lmer(diameter ~ 1 + (1 | plate) + (1 | sample), penicillin, control = tight),
  singular = quiet(lmer(Yield ~ 1 + (1 | Batch), dyestuff)))  # the tight optimizer loses an end of this profile
out <- lapply(fits, function(f) {
  fine <- if (isSingular(f)) 1/8 else 1/64  # on the finer grid lme4 loses the upper end of a variance of zero
  ci <- quiet(confint(f, parm = "theta_", oldNames = FALSE, quiet = TRUE, delta.cutoff = fine))
  ml <- refitML(f); cv <- as.data.frame(ranef(f, condVar = TRUE))
  list(profile = data.frame(name = rownames(ci), low = ci[, 1], high = ci[, 2], row.names = NULL),
       conditional = transform(cv[, c("grpvar", "term", "grp", "condval", "condsd")], term = as.character(term), grp = as.character(grp)),
       aic = AIC(ml), bic = BIC(ml))
})
a <- quiet(anova(fits$intercepts, fits$slopes))
out$lrt <- list(statistic = a$Chisq[2], df = a$Df[2], p = a$`Pr(>Chisq)`[2])
out$R <- R.version.string; out$lme4 <- as.character(packageVersion("lme4"))
write_json(out, "intervals.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
