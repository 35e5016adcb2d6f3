# Ends of profile intervals by brute force: the deviance dev(sd1, sd2, rho, sigma) of a random-slope model, minimised with bounds
# (L-BFGS-B) from three starts, along both ridges rho = -1 and 1, and with a deviation of zero. Sourced by ridges.R and ridges_lengths.R.
suppressMessages(library(jsonlite)); rise <- qchisq(.95, 1)
names4 <- c("sd1", "sd2", "rho", "sigma")
lowest <- function(dev, fixed, scale) {  # fixed: named values; the others are free
  best <- Inf
  try_from <- function(given, start) {
    free <- setdiff(names4, names(given))
    f <- function(p) do.call(dev, as.list(c(given, setNames(p, free)))[names4])
    lower <- c(sd1 = 0, sd2 = 0, rho = -1, sigma = 1e-3 * scale)[free]
    upper <- c(sd1 = 50, sd2 = 50, rho = 1, sigma = 50)[free] * c(scale, scale, 1, scale)[match(free, names4)]
    upper[free == "rho"] <- 1
    for (again in 1:2)  # once more from where it stopped, for its gradient is by differences
      start[free] <- (o <- optim(start[free], f, method = "L-BFGS-B", lower = lower, upper = upper,
        control = list(factr = 10, maxit = 500, parscale = c(scale, scale, 1, scale)[match(free, names4)], ndeps = rep(c(1e-5, 1e-4)[again], length(free)))))$par
    best <<- min(best, o$value)
  }
  for (r in if ("rho" %in% names(fixed)) 0 else c(-.8, 0, .8)) try_from(fixed, c(sd1 = .5, sd2 = .25, rho = r, sigma = 1) * c(scale, scale, 1, scale))
  for (none in setdiff(c("sd1", "sd2"), names(fixed)))  # a deviation of zero, which makes the correlation void
    try_from(c(fixed, setNames(0, none)), c(sd1 = .5, sd2 = .5, rho = 0, sigma = 1) * c(scale, scale, 1, scale))
  if (!"rho" %in% names(fixed)) for (r in c(-1, 1))
    try_from(c(fixed, rho = r), c(sd1 = .5, sd2 = .2, rho = r, sigma = 1) * c(scale, scale, 1, scale))
  best
}
estimates <- function(dev, scale) {
  found <- NULL
  for (s in c(.2, 1)) for (r in c(-.8, 0, .8, -1, 1)) {
    pinned <- abs(r) == 1; free <- if (pinned) c("sd1", "sd2", "sigma") else names4
    f <- function(p) { p <- setNames(p, free); dev(p["sd1"], p["sd2"], if (pinned) r else p["rho"], p["sigma"]) }
    o <- optim(c(sd1 = s * scale, sd2 = s * scale / 2, rho = r, sigma = scale)[free], f, method = "L-BFGS-B",
               lower = c(sd1 = 0, sd2 = 0, rho = -1, sigma = 1e-3 * scale)[free], upper = c(sd1 = 50, sd2 = 50, rho = 1, sigma = 50)[free],
               control = list(factr = 10, maxit = 500, ndeps = rep(1e-5, length(free))))
    if (is.null(found) || o$value < found$value - 1e-9) found <- list(value = o$value, at = c(o$par, if (pinned) c(rho = r))[names4])
  }
  found
}
ends <- function(dev, best, name, scale) {
  height <- function(c) sqrt(max(lowest(dev, setNames(c, name), scale) - best$value, 0)) - sqrt(rise)
  at <- unname(best$at[name])
  root <- function(a, b) uniroot(height, sort(c(a, b)), tol = 1e-8)$root
  if (name == "rho") return(c(if (height(-1) <= 0) -1 else root(-1, at), if (height(1) <= 0) 1 else root(at, 1)))
  far <- at + max(at, .1 * scale); while (height(far) < 0) far <- at + 2 * (far - at)
  high <- root(at, far)
  if (name == "sigma") { near <- at / 2; while (height(near) < 0) near <- near / 2; return(c(root(near, at), high)) }
  c(if (height(0) <= 0) 0 else root(0, at), high)
}
