# A table whose intercept variance is next to zero and whose slope variance is not: the optimum lies at the end of a
# nearly flat valley. Run in this folder: Rscript valley.R
suppressMessages(library(lme4))
rows <- read.csv("valley.csv.gz")
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e6))
fit <- lmer(y ~ drug + (1 + drug | replicate), rows, control = control)
writeLines(jsonlite::toJSON(list(
  criterion = REMLcrit(fit), slope_sd = attr(VarCorr(fit)$replicate, "stddev")[["drug"]], residual_sd = sigma(fit),
  estimate = fixef(fit)[["drug"]], std_error = sqrt(vcov(fit)["drug", "drug"]),
  versions = list(R = paste(R.version$major, R.version$minor, sep = "."), lme4 = as.character(packageVersion("lme4")))
), digits = 12, auto_unbox = TRUE, pretty = TRUE), "valley.json")
