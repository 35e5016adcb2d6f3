# Known weights and offsets: lme4, lmerTest, pbkrtest and emmeans at a tight optimum.
# Run in this folder: Rscript weights.R; it writes sleep.csv, ham.csv, penicillin.csv (data of lme4 and lmerTest with
# columns of drawn weights and offsets) and weights.json.
# pbkrtest 0.5.2 takes the residual variance of a weighted fit to be the same in every row. So its numbers come from the
# same model without weights: every column, of the outcome too, times the root of the weight (`unweighted`). What it says
# of the weighted fit itself is kept as `kenward_roger_of_weighted`.
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(emmeans); library(jsonlite)})
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e6))
emm_options(pbkrtest.limit = 5000, lmerTest.limit = 5000)
set.seed(7)
drawn <- function(d) {
  d$w <- signif(rgamma(nrow(d), 2, 1) + 0.05, 4)
  d$known <- signif(rnorm(nrow(d)), 4)
  d
}
sleep <- drawn(read.csv("../classic/sleepstudy.csv"))
ham <- drawn(read.csv("../anova/ham.csv"))
penicillin <- drawn(read.csv("../classic/Penicillin.csv"))
write.csv(sleep, "sleep.csv", row.names = FALSE, quote = FALSE)
write.csv(ham, "ham.csv", row.names = FALSE, quote = FALSE)
write.csv(penicillin, "penicillin.csv", row.names = FALSE, quote = FALSE)
for (name in c("Consumer", "Product", "Information", "Gender")) ham[[name]] <- factor(ham[[name]])
sleep$Subject <- factor(sleep$Subject)
unweighted <- function(f, d) {
  root <- sqrt(d$w_)
  d$y_ <- root * (model.response(model.frame(f)) - d$o_)
  X_ <- getME(f, "X") * root; colnames(X_) <- NULL
  d$X_ <- X_
  d$slope_ <- if (is.null(d$Days)) 0 else root * d$Days
  d$root_ <- root
  terms <- mapply(function(group, columns) {
    paste0("(0 + root_", if (length(columns) == 2) " + slope_" else "", " | ", group, ")")
  }, names(getME(f, "cnms")), getME(f, "cnms"))
  lmerTest::lmer(as.formula(paste("y_ ~ 0 + X_ +", paste(terms, collapse = " + "))), d, control = control)
}
by_pbkrtest <- function(u, l) {
  l <- matrix(l, ncol = length(fixef(u)))
  data.frame(estimate = as.numeric(l %*% fixef(u)), std_error = sqrt(diag(l %*% as.matrix(vcovAdj(u)) %*% t(l))),
             df = apply(l, 1, function(row) Lb_ddf(row, vcov(u), vcovAdj(u))))
}
one <- function(csv, d, formula, weights, offset, means = NULL, profile = FALSE) {
  d$w_ <- if (weights) d$w else 1
  d$o_ <- if (offset) d$known else 0
  f <- lmerTest::lmer(as.formula(formula), d, weights = w_, offset = o_, control = control)
  ml <- refitML(as(f, "lmerMod"))
  table <- function(ddf) {
    t <- coef(summary(f, ddf = ddf))
    data.frame(term = rownames(t), estimate = t[, 1], std_error = t[, 2], df = t[, 3], row.names = NULL)
  }
  u <- unweighted(f, d)
  p <- length(fixef(f))
  tests <- function() {
    t <- as.data.frame(anova(f))
    data.frame(term = rownames(t), num_df = t$NumDF, den_df = t$DenDF, statistic = t$`F value`)
  }
  vc <- as.data.frame(VarCorr(f)); vc <- vc[is.na(vc$var2), ]
  out <- list(csv = csv, formula = formula, weights = weights, offset = offset,
    log_likelihood = as.numeric(logLik(f)), ml_log_likelihood = as.numeric(logLik(ml)), aic = AIC(ml), bic = BIC(ml),
    satterthwaite = table("Satterthwaite"), kenward_roger_of_weighted = table("Kenward-Roger"),
    kenward_roger = cbind(term = names(fixef(f)), by_pbkrtest(u, diag(p))), anova = tests(),
    sd = data.frame(group = vc$grp, sd = vc$sdcor),
    residuals = head(unname(residuals(f)), 6), pearson = head(unname(residuals(f, type = "pearson", scaled = TRUE)), 6),
    fitted = head(unname(fitted(f)), 6), population = head(unname(predict(f, re.form = NA)), 6),
    modes = as.data.frame(ranef(f, condVar = TRUE))[1:5, c("condval", "condsd")])
  if (!is.null(means)) {
    e <- emmeans(f, as.formula(paste("~", means)), lmer.df = "satterthwaite", data = d)
    out$by <- means
    out$means <- as.data.frame(e); names(out$means)[1] <- "level"
    out$pairs <- as.data.frame(pairs(e, reverse = TRUE, adjust = "none"))
    out$pairs_kr <- by_pbkrtest(u, pairs(e, reverse = TRUE)@linfct)
    joint <- KRmodcomp(u, diag(p)[(p - 1):p, ])$test["Ftest", ]
    out$last_two <- list(num_df = joint$ndf, den_df = joint$ddf, statistic = joint$stat, p_value = joint$p.value)
  }
  if (profile) {
    ci <- suppressWarnings(confint(as(f, "lmerMod"), parm = "theta_", oldNames = FALSE, quiet = TRUE, delta.cutoff = 1 / 64))
    out$profile <- data.frame(name = rownames(ci), low = ci[, 1], high = ci[, 2], row.names = NULL)
  }
  out
}
slopes <- "Reaction ~ Days + (1 + Days | Subject)"
liking <- "Informed.liking ~ Gender * Information + Age + (1 | Consumer)"
models <- list(
  one("sleep.csv", sleep, slopes, TRUE, FALSE, profile = TRUE),
  one("sleep.csv", sleep, "Reaction ~ Days + (1 | Subject)", TRUE, TRUE, profile = TRUE),
  one("ham.csv", ham, liking, TRUE, FALSE, means = "Gender"),
  one("ham.csv", ham, liking, FALSE, TRUE, means = "Gender"),
  one("ham.csv", ham, liking, TRUE, TRUE, means = "Information"),
  one("penicillin.csv", penicillin, "diameter ~ 1 + (1 | plate) + (1 | sample)", TRUE, FALSE))
versions <- sapply(c("lme4", "lmerTest", "pbkrtest", "emmeans"), function(p) as.character(packageVersion(p)))
write_json(list(R = R.version.string, versions = as.list(versions), models = models), "weights.json", digits = NA,
           auto_unbox = TRUE, pretty = TRUE)
