# Predictions with standard errors and Satterthwaite's degrees of freedom, at a tight optimum: the mean over all groups by
# emmeans and lmerTest; a group's own mean, a new group and a new observation by the formulas with dense matrices, their
# derivatives by numDeriv, and lmerTest's covariance of the variance parameters.
# Run in this folder: Rscript predictions.R; it writes predictions.json.
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(emmeans); library(numDeriv); library(jsonlite)})
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e6))
variance <- function(f, x, z, own, kind) {          # z: weights of the random effects; own: those of a new group, by term
  X <- getME(f, "X"); Z <- as.matrix(getME(f, "Z")); k <- length(getME(f, "theta"))
  v <- function(par) {
    L <- getME(f, "Lambdat"); L@x <- par[getME(f, "Lind")]; L <- t(as.matrix(L)); sigma2 <- par[k + 1]^2
    G <- sigma2 * L %*% t(L); W <- solve(Z %*% G %*% t(Z) + sigma2 * diag(nrow(Z))); h <- Z %*% G %*% z
    d <- x - t(X) %*% W %*% h
    drop(t(z) %*% G %*% z - t(h) %*% W %*% h + t(d) %*% solve(t(X) %*% W %*% X, d) + t(own) %*% G %*% own) + (kind == "prediction") * sigma2
  }
  par <- c(getME(f, "theta"), sigma(f)); value <- v(par); g <- grad(v, par)
  c(se = sqrt(value), df = drop(2 * value^2 / (t(g) %*% f@vcov_varpar %*% g)))
}
one <- function(csv, formula, at, fixed) {
  d <- read.csv(file.path("..", csv), stringsAsFactors = TRUE); if (!is.null(d$Subject)) d$Subject <- factor(d$Subject)
  f <- suppressMessages(lmer(as.formula(formula), d, control = control)); groups <- names(getME(f, "flist"))
  X <- model.matrix(as.formula(paste("~", fixed)), at)
  mean <- lapply(c(satterthwaite = "Satterthwaite", kenward_roger = "Kenward-Roger"), function(m)
    as.data.frame(contest(f, X, joint = FALSE, ddf = m, confint = TRUE)))
  Z <- getME(f, "Z"); new <- at; rows <- rep(TRUE, nrow(at))
  frame <- model.frame(f)
  z <- sapply(seq_len(nrow(at)), function(i) {      # the row of Z of an observation there
    b <- numeric(ncol(Z)); names(b) <- paste(rep(names(getME(f, "cnms")), diff(getME(f, "Gp"))), colnames(Z))
    at_group <- 0
    for (t in seq_along(getME(f, "cnms"))) {
      g <- names(getME(f, "cnms"))[t]; names_t <- getME(f, "cnms")[[t]]; start <- getME(f, "Gp")[t]
      level <- match(as.character(at[i, g]), levels(getME(f, "flist")[[g]]))
      b[start + (level - 1) * length(names_t) + seq_along(names_t)] <- ifelse(names_t == "(Intercept)", 1, at[i, names_t[length(names_t)]])
    }
    unname(b)
  })
  estimate <- drop(X %*% fixef(f)); blup <- unlist(lapply(seq_along(getME(f, "cnms")), function(t) t(as.matrix(ranef(f)[[names(getME(f, "cnms"))[t]]]))))
  each <- function(own, known, kind) t(sapply(seq_len(nrow(at)), function(i) variance(f, X[i, ], z[, i] * known, z[, i] * own, kind)))
  out <- list(csv = csv, formula = formula, at = at, mean = mean, population = estimate, own = estimate + drop(t(z) %*% blup),
    errors = list(own_mean = each(0, 1, "confidence"), own_observation = each(0, 1, "prediction"),
                  new_mean = each(1, 0, "confidence"), new_observation = each(1, 0, "prediction")))
  print(out$own); print(out$errors); out
}
models <- list(
  one("classic/sleepstudy.csv", "Reaction ~ Days + (1 | Subject)", data.frame(Days = c(0, 4.5, 12), Subject = c("308", "337", "372")), "Days"),
  one("classic/sleepstudy.csv", "Reaction ~ Days + (Days | Subject)", data.frame(Days = c(0, 4.5, 12), Subject = c("308", "337", "372")), "Days"),
  one("classic/Penicillin.csv", "diameter ~ 1 + (1 | plate) + (1 | sample)", data.frame(plate = c("a", "k"), sample = c("B", "F")), "1"),
  one("anova/carrots.csv", "Preference ~ sens2 + (1 + sens2 | Consumer) + (1 | Product)",
      data.frame(sens2 = c(-1.5, 0, 3), Consumer = levels(factor(read.csv("../anova/carrots.csv")$Consumer))[c(1, 5, 9)], Product = levels(factor(read.csv("../anova/carrots.csv")$Product))[c(1, 5, 9)]), "sens2"))
# emmeans says the same of the mean as lmerTest does
f <- suppressMessages(lmer(Reaction ~ Days + (Days | Subject), transform(read.csv("../classic/sleepstudy.csv"), Subject = factor(Subject)), control = control))
e <- as.data.frame(emmeans(f, "Days", at = list(Days = c(0, 4.5, 12)), lmer.df = "satterthwaite")); print(e)
versions <- lapply(c(lme4 = "lme4", lmerTest = "lmerTest", pbkrtest = "pbkrtest", emmeans = "emmeans"), function(p) as.character(packageVersion(p)))
write_json(list(R = R.version.string, versions = versions, models = models, emmeans = e), "predictions.json", digits = NA, auto_unbox = TRUE)
