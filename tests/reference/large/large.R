# Models with so many levels that their random effects are eliminated stage by stage: crossed, with random slopes in the
# larger and in the smaller factor, three levels of nesting, nested beside crossed, a variance of zero.
# Run in this folder: Rscript large.R; it writes large.csv.gz and large.json (minutes, most of them pbkrtest's: its matrices are n × n).
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(jsonlite)})
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e6))
set.seed(19)
d <- expand.grid(row = 1:2, pupil = 1:2, class = 1:100, school = 1:3)
n <- nrow(d)
d$pupil <- sprintf("p%04d", as.integer(interaction(d$pupil, d$class, d$school)))
d$class <- sprintf("c%03d", as.integer(interaction(d$class, d$school)))
d$school <- paste0("s", d$school)
d$reader <- sprintf("r%03d", sample(300, n, TRUE)); d$book <- sprintf("b%03d", sample(210, n, TRUE))
d$x <- round(rnorm(n), 3)
of <- function(g, sd) rnorm(length(unique(g)), sd = sd)[as.integer(factor(g))]
e <- rnorm(n)
d$nested <- round(1 + .2 * d$x + of(d$school, .5) + of(d$class, .4) + of(d$pupil, .7) + of(d$book, .3) + e, 4)
d$crossed <- round(2 - .1 * d$x + of(d$reader, .8) + of(d$book, .5) + of(d$reader, .4) * d$x + of(d$book, .3) * d$x + e, 4)
d$plain <- round(.1 * d$x + of(d$reader, .5) + rnorm(n), 4)
d$row <- NULL
con <- gzfile("large.csv.gz", "w"); write.csv(d, con, row.names = FALSE, quote = FALSE); close(con)
d <- read.csv("large.csv.gz", stringsAsFactors = TRUE)
rows <- function(x) cbind(term = rownames(x), as.data.frame(x))
modes <- function(f) lapply(ranef(f), function(b) {
  sd <- sqrt(apply(attr(b, "postVar"), 3, diag)); sd <- if (is.matrix(sd)) t(sd) else cbind(sd)
  few <- seq_len(min(8, nrow(b)))
  list(level = rownames(b)[few], mode = unname(as.matrix(b))[few, , drop = FALSE], sd = unname(sd)[few, , drop = FALSE])
})
kenward_roger <- function(f, adjusted) {  # as summary(f, ddf = "Kenward-Roger"), which would compute `adjusted` again
  b <- fixef(f); se <- sqrt(diag(as.matrix(adjusted)))
  df <- sapply(seq_along(b), function(j) pbkrtest::Lb_ddf(as.numeric(seq_along(b) == j), as.matrix(vcov(f)), adjusted))
  data.frame(term = names(b), Estimate = b, "Std. Error" = se, df = df, "t value" = b / se, "Pr(>|t|)" = 2 * pt(-abs(b / se), df), check.names = FALSE)
}
one <- function(formula) {
  f <- suppressMessages(lmer(as.formula(formula), d, control = control))
  m <- update(f, REML = FALSE)
  adjusted <- vcovAdj(f); kr <- kenward_roger(f, adjusted)
  cat(formula, isSingular(f), REMLcrit(f), "\n")
  list(csv = "large.csv.gz", formula = formula, nobs = nobs(f), singular = isSingular(f), REMLcrit = REMLcrit(f),
       varcorr = as.data.frame(VarCorr(f)), satterthwaite = rows(coef(summary(f))), vcov = unname(as.matrix(vcov(f))),
       kenward_roger = kr, vcov_KR = unname(as.matrix(adjusted)), anova_III_satt = rows(anova(f)),
       anova_III_KR = with(kr[2, ], data.frame(term = "x", NumDF = 1, DenDF = df, "F value" = `t value`^2, "Pr(>F)" = `Pr(>|t|)`, check.names = FALSE)),
       modes = modes(f),
       ML = list(logLik = as.numeric(logLik(m)), coef = as.list(fixef(m)), varcorr = as.data.frame(VarCorr(m))))
}
models <- lapply(c(
  "crossed ~ x + (1 | reader) + (1 | book)",
  "crossed ~ x + (1 + x | reader) + (1 | book)",
  "crossed ~ x + (1 | reader) + (1 + x | book)",
  "nested ~ x + (1 | school / class / pupil)",
  "nested ~ x + (1 | school / class / pupil) + (1 | book)",
  "plain ~ x + (1 | book) + (1 | reader)"), one)
versions <- lapply(c(lme4 = "lme4", lmerTest = "lmerTest", pbkrtest = "pbkrtest"), function(p) as.character(packageVersion(p)))
write_json(list(R = R.version.string, versions = versions, lmm = models), "large.json", digits = NA, auto_unbox = TRUE)
