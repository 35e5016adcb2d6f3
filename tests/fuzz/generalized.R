# Fits the generalised problems of a folder by glmmTMB, or gives its criterion at our optimum; called by generalized.py:
# Rscript generalized.R folder problems.json answers.json fit|at
suppressMessages({library(glmmTMB); library(jsonlite)})
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

# Newton steps by glmmTMB's own derivatives, each taken only if it helps; with the Hessian at the end.
polished <- function(obj, par) {
  value <- obj$fn(par); curved <- function(q) { H <- optimHess(q, obj$fn, obj$gr); (H + t(H)) / 2 }
  H <- curved(par)
  for (i in 1:6) {
    if (any(!is.finite(H)) || min(eigen(H)$values) <= 1e-6) return(list(par = par, value = value, hessian = NULL))
    step <- -as.vector(solve(H, as.vector(obj$gr(par)))); new <- obj$fn(par + step)
    if (!is.finite(new) || new > value + 1e-10) break
    par <- par + step; value <- new
    if (max(abs(step) * sqrt(diag(H))) < 1e-6) break
    H <- curved(par)
  }
  list(par = par, value = value, hessian = H)
}

# By the second optimizer only where the first one leaves a Hessian that is not positive.
fit <- function(p) {
  d <- table_of(p); best <- NULL
  controls <- list(glmmTMBControl(optCtrl = list(iter.max = 3000, eval.max = 3000, rel.tol = 1e-14)),
    glmmTMBControl(optimizer = optim, optArgs = list(method = "BFGS"), optCtrl = list(maxit = 3000, reltol = 1e-14)))
  for (control in controls) {
    f <- tryCatch(built(p, d, control = control, se = FALSE), error = function(e) NULL)
    if (is.null(f) || !is.finite(f$fit$objective)) next
    found <- polished(f$obj, f$fit$par)
    if (is.null(best) || found$value < best$value) best <- c(found, list(fit = f))
    if (!is.null(found$hessian)) break
  }
  if (is.null(best)) stop("glmmTMB fits by neither optimizer")
  par <- best$par; b <- names(par) == "beta"; regular <- !is.null(best$hessian)
  columns <- best$fit$modelInfo$reTrms$cond$cnms
  list(id = p$id, groups = I(names(columns)), columns = lapply(unname(columns), I), log_likelihood = -best$value, regular = regular,
    names = I(colnames(getME(best$fit, "X"))), beta = I(unname(par[b])),
    std_error = I(if (regular) unname(sqrt(diag(solve(best$hessian)))[b]) else rep(NA, sum(b))),
    theta = I(unname(par[names(par) == "theta"])), log_dispersion = I(unname(par[names(par) == "betad"])))
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
