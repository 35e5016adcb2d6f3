# Parametric bootstrap of the random slopes of sleepstudy: quantiles of the standard deviations and the correlation.
# Run in this folder: Rscript bootstrap.R; it writes bootstrap.json (20 s of CPU). confint is lme4's own, of type "perc".
suppressMessages({library(lme4); library(jsonlite)})
sleep <- read.csv("../classic/sleepstudy.csv"); n <- 800; shares <- c(.025, .1, .25, .5, .75, .9, .975)
fit <- lmer(Reaction ~ Days + (1 + Days | Subject), sleep)
sdcor <- function(each) { found <- as.data.frame(VarCorr(each)); setNames(found$sdcor, c("sd_1", "sd_2", "correlation", "residual")) }
draws <- suppressWarnings(suppressMessages(bootMer(fit, sdcor, nsim = n, seed = 1)))
ends <- confint(draws, type = "perc", level = .95)
write_json(list(R = R.version.string, lme4 = as.character(packageVersion("lme4")), n = n, shares = shares, defined = colSums(!is.na(draws$t)),
  quantiles = apply(draws$t, 2, quantile, probs = shares, na.rm = TRUE, names = FALSE), names = colnames(draws$t),
  confint = unname(ends)), "bootstrap.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
