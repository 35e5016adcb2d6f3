# How lmerTest tests an unbalanced factor of three levels that is the only fixed term: the weights it writes the hypothesis with,
# and its degrees of freedom for the same hypothesis written otherwise. tables.csv: three tables of the fuzz (tests/fuzz/problems.py; the
# column `table` is their seed). Run in this folder: Rscript pooling.R; it writes pooling.json.
suppressMessages({library(lme4); library(lmerTest); library(jsonlite)})
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = 2e-2, rhoend = 1e-10, maxfun = 1e6))
data <- read.csv("tables.csv")
one <- function(d, levels) {
  d$f <- factor(d$f, levels); f <- lmer(y ~ f + (1 | g), d, control = control)
  list(fit = f, own = anova(f), identity = contest(f, diag(3)[2:3, ]))
}
pick <- function(a) list(f = a$`F value`, df = a$DenDF, p = a$`Pr(>F)`)
out <- lapply(unique(data$table), function(k) {
  d <- data[data$table == k, ]; r <- one(d, c("a", "b", "c")); s <- one(d, c("b", "a", "c"))
  list(table = k, criterion = REMLcrit(r$fit), weights = unname(show_tests(r$own)$f), own = pick(r$own), identity = pick(r$identity),
       own_other_reference = pick(s$own), identity_other_reference = pick(s$identity))
})
versions <- lapply(c(lme4 = "lme4", lmerTest = "lmerTest"), function(p) as.character(packageVersion(p)))
write_json(list(R = R.version.string, versions = versions, tables = out), "pooling.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
