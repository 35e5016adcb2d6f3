# Profile intervals of 50 random-slope tables whose correlation is estimated as -1 or 1: brute force on the deviance, no lme4.
# Every group has the same x, so its least-squares line and the residual sum of squares are sufficient. Run in this folder: Rscript ridges.R; it writes
# ridges.csv (the tables) and ridges.json.
source("brute.R")
m <- 8; x <- 0:5; n <- length(x); X <- cbind(1, x)
XX <- crossprod(X); XXi <- solve(XX)
deviance_of <- function(y) {  # y: n x m, a column per group; each group's least-squares line is sufficient
  lines <- XXi %*% crossprod(X, y); sse <- sum((y - X %*% lines)^2); d <- lines - rowMeans(lines); S <- tcrossprod(d)
  function(sd1, sd2, rho, sigma) {  # the lines have covariance D + sigma^2 (X'X)^-1; beta is their mean
    a <- sd1^2 + sigma^2 * XXi[1, 1]; b <- rho * sd1 * sd2 + sigma^2 * XXi[1, 2]; c <- sd2^2 + sigma^2 * XXi[2, 2]; det <- a * c - b^2
    m * (log(det) + log(det(XX))) + (c * S[1, 1] - 2 * b * S[1, 2] + a * S[2, 2]) / det +
      m * (n - 2) * log(sigma^2) + sse / sigma^2 + m * n * log(2 * pi)
  }
}
set.seed(20)
tables <- list(); out <- list(); seed <- 0
while (length(out) < 50) {
  seed <- seed + 1
  side <- if (length(out) %% 2) 1 else -1
  b1 <- rnorm(m, sd = runif(1, .3, 1.2)); b2 <- side * b1 * runif(1, .02, .4) + rnorm(m, sd = .03)
  y <- round(outer(x, b2) + rep(b1, each = n) + rnorm(n * m), 4) + .2 * x
  dev <- deviance_of(y); scale <- sd(y); best <- estimates(dev, scale)
  if (best$at["rho"] != side || min(best$at[c("sd1", "sd2")]) < .01) next
  found <- sapply(names4, function(name) ends(dev, best, name, scale))
  out[[length(out) + 1]] <- list(table = length(out) + 1, deviance = best$value, estimate = as.list(best$at), low = as.list(found[1, ]), high = as.list(found[2, ]))
  tables[[length(tables) + 1]] <- data.frame(table = length(tables) + 1, g = rep(seq_len(m), each = n), x = rep(x, m), y = as.vector(y))
  cat(length(out), seed, round(best$at, 3), round(found, 3), "\n")
  write.csv(do.call(rbind, tables), "ridges.csv", row.names = FALSE)
  write_json(list(R = R.version.string, tables = out), "ridges.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
}
