# Generalised mixed models by glmer (Laplace, adaptive quadrature) and glmmTMB (Laplace) at sharp optima.
# Run in this folder, after tables.R: Rscript glmm.R (all), or Rscript glmm.R cbpp (one model); it writes one JSON file per model.
# Each optimum is polished by Newton steps: glmmTMB by its own derivatives, glmer by differences of its criterion.
# `integral`: the log-likelihood at glmer's estimates by brute force (one random intercept), on the scale of dbinom and dpois.
suppressMessages({library(lme4); library(glmmTMB); library(numDeriv); library(jsonlite)})
tight <- glmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9, maxfun = 1e6), tolPwrss = 1e-13,
  calc.derivs = FALSE, check.conv.singular = "ignore", compDev = TRUE)

polished <- function(par, gradient, free, rounds = 8) {
  for (i in seq_len(rounds)) {
    step <- rep(0, length(par)); g <- gradient(par)
    step[free] <- -solve(jacobian(function(q) { p <- par; p[free] <- q; gradient(p)[free] }, par[free]), g[free])
    par <- par + step
    if (max(abs(step)) < 1e-9 * max(1, abs(par))) break
  }
  par
}

# The same without derivatives: Newton steps with one Hessian, which is then computed again where they end.
by_differences <- function(criterion, par) {
  precise <- list(r = 4, d = 1e-2)
  for (round in 1:2) {
    H <- hessian(criterion, par, method.args = precise); before <- par
    for (i in 1:4) par <- par - solve(H, grad(criterion, par, method.args = precise))
    if (max(abs(par - before) * sqrt(diag(H))) < 1e-4) break
  }
  list(par = par, hessian = H)
}

variances <- function(vc) lapply(vc, function(m) list(names = I(rownames(m)), sd = unname(attr(m, "stddev")),
  correlation = unname(matrix(attr(m, "correlation"), nrow(m)))))

by_glmmtmb <- function(m, d) {
  # An identity link needs a start where every mean is above zero.
  start <- if (m$link == "identity") list(beta = unname(coef(lm(nobars(m$formula), d)))) else NULL
  f <- suppressWarnings(glmmTMB(m$formula, d, family = m$tmb, offset = m$offset(d), start = start, control = glmmTMBControl(optCtrl =
    list(iter.max = 1e4, eval.max = 1e4, rel.tol = 1e-14, x.tol = 0))))
  obj <- f$obj; free <- rep(TRUE, length(f$fit$par)); obj$env$inner.control$grad.tol <- 1e-12
  par <- polished(f$fit$par, function(p) as.vector(obj$gr(p)), free)
  value <- obj$fn(par); H <- jacobian(function(p) as.vector(obj$gr(p)), par); H <- (H + t(H)) / 2; V <- solve(H)
  stopifnot(all(eigen(H)$values > 0))
  f$obj$fn(par); f$fit$par <- par; f$fit$parfull <- obj$env$last.par; f$sdr <- TMB::sdreport(obj, par, hessian.fixed = H)
  b <- names(par) == "beta"; names <- colnames(getME(f, "X"))
  out <- list(log_likelihood = -value, gradient = max(abs(obj$gr(par))), names = names, beta = unname(par[b]),
    std_error = unname(sqrt(diag(V))[b]), parameters = names(par), par = unname(par), covariance = unname(V),
    random = variances(VarCorr(f)$cond))
  if (any(names(par) == "betad")) { out$log_dispersion <- unname(par[names(par) == "betad"]); out$dispersion <- exp(out$log_dispersion)
    out$std_error_log_dispersion <- unname(sqrt(diag(V))[names(par) == "betad"]) }
  out
}

by_glmer <- function(m, d, nAGQ) {
  # lme4 finds an offset where the formula has it; dbinom's trials are the two columns.
  formula <- if (is.null(m$offset_name)) m$formula else update(m$formula, as.formula(paste(". ~ . + offset(", m$offset_name, ")")))
  fit <- function(...) suppressWarnings(suppressMessages(glmer(formula, d, family = m$family, nAGQ = nAGQ, control = tight, ...)))
  f <- fit(); t <- seq_along(getME(f, "theta")); start <- c(getME(f, "theta"), fixef(f))
  criterion <- fit(start = list(theta = start[t], fixef = unname(start[-t])), devFunOnly = TRUE)
  found <- if (m$large) list(par = start, hessian = NULL) else by_differences(criterion, unname(start))
  par <- found$par
  value <- criterion(par)
  stopifnot(m$large || value < criterion(start) + 1e-9)
  y <- model.response(model.frame(f)); w <- weights(f, "prior"); k <- getME(f, "y") * w
  saturated <- if (nAGQ > 1) (if (m$family$family == "binomial") sum(dbinom(round(k), w, k / w, log = TRUE)) else
    sum(dpois(k, k, log = TRUE))) else 0
  V <- if (m$large) NULL else solve(found$hessian / 2)
  f2 <- fit(start = list(theta = par[t], fixef = par[-t]))
  out <- list(nAGQ = nAGQ, log_likelihood = -value / 2 + saturated, names = names(fixef(f)), theta = unname(par[t]), beta = unname(par[-t]),
    std_error_rx = unname(sqrt(diag(as.matrix(vcov(f2, use.hessian = FALSE))))), random = variances(VarCorr(f2)))
  if (!is.null(V)) { out$std_error <- unname(sqrt(diag(V))[-t]); out$covariance <- unname(V) }
  if (nAGQ > 1 || m$scalar) out$integral <- brute(f, par, m$family)
  out
}

# sum over groups of log integral of exp(log density) in the random intercept u ~ N(0, 1), scaled by theta.
brute <- function(f, par, family) {
  X <- getME(f, "X"); w <- weights(f, "prior"); k <- getME(f, "y") * w; g <- getME(f, "flist")[[1]]
  fixed <- as.vector(X %*% par[-1]) + getME(f, "offset")
  sum(sapply(split(seq_along(g), g), function(i) {
    logd <- Vectorize(function(u) { mu <- family$linkinv(fixed[i] + par[1] * u)
      if (any(mu <= 0)) return(-1e6)  # no Poisson distribution has such a mean
      dnorm(u, log = TRUE) + sum(if (family$family == "binomial") dbinom(round(k[i]), w[i], mu, log = TRUE) else dpois(k[i], mu, log = TRUE)) })
    top <- optimize(logd, c(-8, 8), maximum = TRUE, tol = 1e-10); at <- top$maximum; h <- top$objective
    s <- 1 / sqrt(max(1, -as.vector(hessian(logd, at))))
    edges <- at + s * c(-40, -12, -6, -2, 0, 2, 6, 12, 40)
    h + log(sum(sapply(1:8, function(j) integrate(function(u) exp(logd(u) - h), edges[j], edges[j + 1], rel.tol = 1e-12, abs.tol = 0,
      subdivisions = 1000, stop.on.error = FALSE)$value)))
  }))
}

none <- function(d) NULL
model <- function(table, formula, family, tmb = family, agq = NULL, glmer = TRUE, offset_name = NULL, large = FALSE, link = family$link,
                  name = NULL) list(table = table, text = formula, formula = as.formula(formula), family = family, tmb = tmb, agq = agq, glmer = glmer,
  offset_name = offset_name, offset = if (is.null(offset_name)) none else function(d) eval(parse(text = offset_name), d), large = large,
  scalar = !is.null(agq), link = link, name = name)
nb <- nbinom2(); all_agq <- c(5, 9, 25)
cows <- "cbind(incidence, size - incidence) ~ period + (1 | herd)"; seizures <- "y ~ lbase * trt + lage + V4 + (1 | subject)"
users <- "use ~ age + I(age^2) + urban + livch"; ticks <- "ticks ~ year + height + (1 | brood)"
models <- list(
  cbpp = model("cbpp.csv", cows, binomial(), agq = all_agq),
  cbpp_probit = model("cbpp.csv", cows, binomial("probit"), agq = all_agq),
  cbpp_cloglog = model("cbpp.csv", cows, binomial("cloglog"), agq = all_agq),
  cbpp_rows = model("cbpp.csv", paste(cows, "+ (1 | row)"), binomial()),
  bacteria = model("bacteria.csv", "y ~ trt + late + (1 | id)", binomial(), agq = all_agq),
  toenail = model("toenail.csv", "severe ~ treatment * time + (1 | patient)", binomial(), agq = all_agq),
  contraception = model("contraception.csv", paste(users, "+ (1 | district)"), binomial(), agq = all_agq),
  contraception_slopes = model("contraception.csv", paste(users, "+ (urban | district)"), binomial()),
  verbagg = model("verbagg.csv.gz", "r2 ~ anger + gender + btype + situ + (1 | id) + (1 | item)", binomial(), large = TRUE),
  epil = model("epil.csv", seizures, poisson(), agq = all_agq),
  epil_slopes = model("epil.csv", "y ~ lbase * trt + lage + visit + (visit | subject)", poisson()),
  epil_no_correlation = model("epil.csv", "y ~ lbase * trt + lage + visit + (visit || subject)", poisson()),
  epil_nb = model("epil.csv", seizures, NULL, nb, glmer = FALSE, link = "log"),
  grouseticks = model("grouseticks.csv", paste(ticks, "+ (1 | index) + (1 | location)"), poisson()),
  grouseticks_nb = model("grouseticks.csv", paste(ticks, "+ (1 | location)"), NULL, nb, glmer = FALSE, link = "log"),
  salamanders = model("salamanders.csv", "count ~ spp * mined + (1 | site)", poisson(), agq = all_agq),
  salamanders_crossed = model("salamanders.csv", "count ~ spp + mined + cover + (1 | site) + (1 | sample)", poisson()),
  salamanders_nb = model("salamanders.csv", "count ~ spp + mined + (1 | site)", NULL, nb, glmer = FALSE, link = "log"),
  melanoma = model("melanoma.csv", "deaths ~ uvb + (1 | nation / region)", poisson(), offset_name = "log(expected)"),
  melanoma_slopes = model("melanoma.csv", "deaths ~ uvb + (uvb | nation)", poisson(), offset_name = "log(expected)"),
  melanoma_nb = model("melanoma.csv", "deaths ~ uvb + (1 | region)", NULL, nb, glmer = FALSE, link = "log", offset_name = "log(expected)"),
  counts_sqrt = model("simulated.csv", "n ~ x + treated + (1 | group)", poisson("sqrt"), agq = all_agq),
  counts_identity = model("simulated.csv", "n ~ x + treated + (1 | group)", poisson("identity"), agq = all_agq),
  sizes_gamma = model("simulated.csv", "size ~ x + treated + (1 | group)", NULL, Gamma("log"), glmer = FALSE, link = "log"),
  sizes_gamma_slopes = model("simulated.csv", "size ~ x + treated + (x | group)", NULL, Gamma("log"), glmer = FALSE, link = "log"),
  sizes_gamma_inverse = model("simulated.csv", "size ~ treated + (1 | group)", NULL, Gamma("inverse"), glmer = FALSE, link = "inverse"))

run <- function(name) {
  m <- models[[name]]; d <- read.csv(m$table, stringsAsFactors = TRUE)
  family <- if (is.null(m$family)) m$tmb$family else m$family$family
  out <- list(table = m$table, formula = m$text, family = c(nbinom2 = "negative_binomial", Gamma = "gamma", binomial = "binomial",
    poisson = "poisson")[[family]], link = m$link, offset = m$offset_name, glmmTMB = by_glmmtmb(m, d))
  if (m$glmer) out$glmer <- lapply(c(1, m$agq), function(k) by_glmer(m, d, k))
  out$versions <- lapply(c(lme4 = "lme4", glmmTMB = "glmmTMB", TMB = "TMB"), function(p) as.character(packageVersion(p)))
  write_json(out, paste0(name, ".json"), digits = I(17), auto_unbox = TRUE, pretty = TRUE, null = "null")
  cat(name, out$glmmTMB$log_likelihood, sapply(out$glmer, function(a) a$log_likelihood), sapply(out$glmer, function(a) a$integral %||% NA), "\n")
}
`%||%` <- function(a, b) if (is.null(a)) b else a
asked <- commandArgs(TRUE)
for (name in if (length(asked)) asked else names(models)) run(name)
