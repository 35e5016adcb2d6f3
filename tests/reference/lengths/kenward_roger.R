# Kenward-Roger of the full table: pbkrtest builds n x n matrices and does not finish on 22,569 rows. With one random intercept
# V is block diagonal, a block being s2 I + t2 11', so sums per replicate are enough. Checked against pbkrtest on a subsample.
# Run in this folder: Rscript kenward_roger.R; it reads lengths.csv.gz and writes kenward_roger_r.json.
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(jsonlite)})
d <- read.csv("lengths.csv.gz"); d$condition <- relevel(factor(d$condition), "NO DRUG"); d$gene_name <- relevel(factor(d$gene_name), "C")
fml <- log(length) ~ condition * gene_name + (1 | replicate)
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10))
table_kr <- function(d) {
  f <- lmerTest::lmer(fml, d, control = control); v <- as.data.frame(VarCorr(f))$vcov; t2 <- v[1]; s2 <- v[2]
  X <- getME(f, "X"); g <- getME(f, "flist")[[1]]; p <- ncol(X)
  n <- as.numeric(table(g)); sx <- rowsum(X, g)                 # rows and column sums of X per replicate
  # On a replicate's block W = (I - J/n)/s2 + (J/n)/e with e = s2 + n t2; V_1 = 11' and V_2 = I are diagonal in the same basis.
  e <- s2 + n * t2; between <- function(w) t(sx) %*% (w / n * sx)  # X'(J/n)X, weighted by replicate
  within <- crossprod(X) - between(1)
  Phi <- solve(within / s2 + between(1 / e))
  lam <- list(list(w = 0, b = n), list(w = 1, b = rep(1, length(n))))  # eigenvalues of V_1, V_2: within, between
  P <- lapply(lam, function(a) -(a$w * within / s2^2 + between(a$b / e^2)))
  IE <- matrix(0, 2, 2); Q <- vector("list", 4); dim(Q) <- c(2, 2)
  for (k in 1:2) for (l in 1:2) {
    a <- lam[[k]]; b <- lam[[l]]; Q[[k, l]] <- a$w * b$w * within / s2^3 + between(a$b * b$b / e^3)
    IE[k, l] <- a$w * b$w * (sum(n) - length(n)) / s2^2 + sum(a$b * b$b / e^2) - 2 * sum(Phi * Q[[k, l]]) + sum((Phi %*% P[[k]]) * t(Phi %*% P[[l]]))
  }
  C <- 2 * solve(IE); U <- matrix(0, p, p)
  for (k in 1:2) for (l in 1:2) U <- U + C[k, l] * (Q[[k, l]] - P[[k]] %*% Phi %*% P[[l]])
  PhiA <- Phi + 2 * Phi %*% U %*% Phi; b <- fixef(f)
  df <- sapply(seq_len(p), function(j) {
    L <- diag(p)[j, , drop = FALSE]; M <- t(L) %*% solve(L %*% Phi %*% t(L), L) %*% Phi; q <- 1; A1 <- A2 <- 0
    for (k in 1:2) for (l in 1:2) {
      Mk <- M %*% P[[k]] %*% Phi; Ml <- M %*% P[[l]] %*% Phi
      A1 <- A1 + C[k, l] * sum(diag(Mk)) * sum(diag(Ml)); A2 <- A2 + C[k, l] * sum(diag(Mk %*% Ml))
    }
    B <- (A1 + 6 * A2) / (2 * q); gg <- ((q + 1) * A1 - (q + 4) * A2) / ((q + 2) * A2); h <- 3 * q + 2 * (1 - gg)
    Es <- 1 / (1 - A2 / q); Vs <- 2 / q * (1 + gg / h * B) / ((1 - (q - gg) / h * B)^2 * (1 - (q + 2 - gg) / h * B))
    4 + (q + 2) / (q * Vs / (2 * Es^2) - 1)
  })
  se <- sqrt(diag(PhiA)); t <- b / se
  list(sigma2 = s2, tau2 = t2, kr = data.frame(term = names(b), estimate = b, se = se, df = df, t = t, p = 2 * pt(-abs(t), df), row.names = NULL), fit = f)
}
set.seed(1); small <- table_kr(d[sample(nrow(d), 1200), ]); theirs <- coef(summary(small$fit, ddf = "Kenward-Roger"))
agreement <- max(abs(small$kr$se / theirs[, "Std. Error"] - 1), abs(small$kr$df / theirs[, "df"] - 1))
cat("relative difference from pbkrtest on 1,200 rows:", agreement, "\n"); stopifnot(agreement < 1e-8)
full <- table_kr(d); full$fit <- NULL
write_json(full, "kenward_roger_r.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
