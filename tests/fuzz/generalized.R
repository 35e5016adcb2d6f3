# Fits the generalised problems of a folder by glmmTMB, or gives its criterion at our optimum; called by generalized.py:
# Rscript generalized.R folder problems.json answers.json fit|at
suppressMessages({library(glmmTMB); library(numDeriv); library(jsonlite)})
arguments <- commandArgs(TRUE); setwd(arguments[1])
families <- list(binomial = binomial, poisson = poisson, gamma = Gamma, negative_binomial = nbinom2)
table_of <- function(p) {
  d <- read.csv(p$csv); for (v in setdiff(names(d), c("y", "n", "x", "exposure"))) d[[v]] <- factor(d[[v]])
  d
}
built <- function(p, d, ...) {
  formula <- if (is.null(p$offset)) p$formula else sprintf("%s + offset(%s)", p$formula, p$offset)
  suppressMessages(suppressWarnings(glmmTMB(as.formula(formula), d, family = families[[p$family]](link = p$link), ...)))
}

# Newton steps by glmmTMB's own derivatives, each taken only if it helps.
polished <- function(obj, par) {
  value <- obj$fn(par)
  for (i in 1:10) {
    g <- as.vector(obj$gr(par)); H <- tryCatch(jacobian(function(q) as.vector(obj$gr(q)), par), error = function(e) NULL)
    if (is.null(H) || any(!is.finite(H))) break
    e <- eigen((H + t(H)) / 2); if (min(e$values) <= 1e-8) break
    step <- -as.vector(solve(H, g)); new <- obj$fn(par + step)
    if (!is.finite(new) || new > value + 1e-10) break
    par <- par + step; value <- new
    if (max(abs(step)) < 1e-9) break
  }
  par
}

fit <- function(p) {
  d <- table_of(p); best <- NULL
  controls <- list(glmmTMBControl(optCtrl = list(iter.max = 3000, eval.max = 3000, rel.tol = 1e-14)),
    glmmTMBControl(optimizer = optim, optArgs = list(method = "BFGS"), optCtrl = list(maxit = 3000, reltol = 1e-14)))
  for (control in controls) {
    f <- tryCatch(built(p, d, control = control), error = function(e) NULL)
    if (is.null(f) || !is.finite(f$fit$objective)) next
    if (is.null(best) || f$fit$objective < best$fit$objective) best <- f
  }
  if (is.null(best)) stop("glmmTMB fits by neither optimizer")
  obj <- best$obj; par <- polished(obj, best$fit$par); value <- obj$fn(par); g <- max(abs(obj$gr(par)))
  H <- jacobian(function(q) as.vector(obj$gr(q)), par); V <- tryCatch(solve((H + t(H)) / 2), error = function(e) NULL)
  regular <- !is.null(V) && all(is.finite(V)) && all(eigen((H + t(H)) / 2)$values > 1e-6)
  b <- names(par) == "beta"; best$fit$par <- par; vc <- VarCorr(best)$cond
  list(id = p$id, log_likelihood = -value, gradient = g, regular = regular, names = I(colnames(getME(best, "X"))), beta = I(unname(par[b])),
    std_error = I(if (regular) unname(sqrt(diag(V))[b]) else rep(NA, sum(b))), theta = I(unname(par[names(par) == "theta"])),
    log_dispersion = I(unname(par[names(par) == "betad"])))
}

at <- function(p) {
  d <- table_of(p); f <- built(p, d, doFit = FALSE)
  obj <- suppressMessages(TMB::MakeADFun(f$data.tmb, f$parameters, map = f$mapArg, random = f$randomArg, profile = NULL, silent = TRUE, DLL = "glmmTMB"))
  names <- colnames(f$data.tmb$X); beta <- unlist(p$beta)[match(names, unlist(p$names))]
  list(id = p$id, log_likelihood = -obj$fn(c(beta, unlist(p$log_dispersion), unlist(p$theta))))
}

problems <- fromJSON(arguments[2], simplifyVector = FALSE); one <- if (arguments[4] == "fit") fit else at
answers <- lapply(problems, function(p) tryCatch(one(p), error = function(e) list(id = p$id, error = conditionMessage(e))))
write_json(answers, arguments[3], digits = I(17), auto_unbox = TRUE, na = "null")
