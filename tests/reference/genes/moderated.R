# What moderation of a mixed model is made of, gene by gene. Run in this folder: Rscript moderated.R; it reads
# lmm_genes.csv.gz, lmm_design.csv and weights.csv.gz, and writes along.csv and consensus.csv.
# along.csv: lmer with precision weights, at four fixed values of theta (its own function of theta, no optimizer): REML
# criterion, residual variance, estimates and standard errors of every twentieth gene.
# consensus.csv: limma with one correlation within animals for all genes (theta = 0.5 and 1.5), moderated.
suppressMessages({library(lme4); library(limma)})
quiet <- function(e) suppressMessages(suppressWarnings(e))
Y <- as.matrix(read.csv("lmm_genes.csv.gz", row.names = 1)); des <- read.csv("lmm_design.csv"); des$animal <- factor(des$animal)
W <- as.matrix(read.csv("weights.csv.gz", row.names = 1))
des$uz <- as.numeric(scale(des$urea)); des$wz <- as.numeric(scale(des$weight))
at <- function(g, theta) {
  d <- des; d$y <- Y[g, ]; d$w <- W[g, ]
  parsed <- quiet(lFormula(y ~ uz + wz + (1 | animal), d, weights = w, REML = TRUE))
  f <- quiet(do.call(mkLmerDevfun, parsed)); criterion <- f(theta); pp <- environment(f)$pp; resp <- environment(f)$resp
  sigma2 <- (resp$wrss() + pp$sqrL(1)) / (nrow(d) - 3)
  data.frame(gene = rownames(Y)[g], theta = theta, term = colnames(pp$X), estimate = pp$beta(1),
             se = sqrt(sigma2 * diag(chol2inv(pp$RX()))), sigma2 = sigma2, criterion = criterion)
}
R <- do.call(rbind, lapply(seq(20, 200, 20), function(g) do.call(rbind, lapply(c(0, 0.4, 1, 3), function(theta) at(g, theta)))))
write.csv(format(R, digits = 15, trim = TRUE), "along.csv", row.names = FALSE, quote = FALSE)
X <- model.matrix(~ uz + wz, des)
one <- function(theta) {
  f <- eBayes(lmFit(Y, X, block = des$animal, correlation = theta^2 / (1 + theta^2)))
  do.call(rbind, lapply(1:3, function(k) data.frame(theta = theta, gene = rownames(Y), term = c("(Intercept)", "uz", "wz")[k],
    estimate = f$coefficients[, k], t = f$t[, k], df = f$df.total, p = f$p.value[, k], df_prior = f$df.prior, s2_prior = f$s2.prior)))
}
write.csv(format(rbind(one(0.5), one(1.5)), digits = 15, trim = TRUE), "consensus.csv", row.names = FALSE, quote = FALSE)
cat("lme4", as.character(packageVersion("lme4")), "limma", as.character(packageVersion("limma")), "\n")
