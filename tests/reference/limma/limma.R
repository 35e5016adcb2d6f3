# Moderated t tests (limma's lmFit and eBayes) of the simulated genes of ../genes, the animals ignored, without and with
# weights. Run in this folder: Rscript limma.R; it reads ../genes/lmm_genes.csv.gz, ../genes/lmm_design.csv and
# ../genes/weights.csv.gz, and writes limma.csv and prior.csv.
suppressMessages(library(limma))
Y <- as.matrix(read.csv("../genes/lmm_genes.csv.gz", row.names = 1)); des <- read.csv("../genes/lmm_design.csv")
W <- as.matrix(read.csv("../genes/weights.csv.gz", row.names = 1))
uz <- as.numeric(scale(des$urea)); wz <- as.numeric(scale(des$weight)); X <- model.matrix(~ uz + wz)
one <- function(name, Y, weights) {
  f <- eBayes(lmFit(Y, X, weights = weights))
  list(rows = do.call(rbind, lapply(colnames(X), function(term) data.frame(
    case = name, gene = rownames(Y), term = term, estimate = f$coefficients[, term],
    std_error = f$stdev.unscaled[, term] * sqrt(f$s2.post), df = f$df.total, t = f$t[, term], p_value = f$p.value[, term],
    p_adjusted = p.adjust(f$p.value[, term], "BH"), sigma = f$sigma, sigma_moderated = sqrt(f$s2.post)))),
    prior = data.frame(case = name, prior_df = f$df.prior, prior_variance = f$s2.prior))
}
set.seed(2); alike <- matrix(rnorm(200 * 24), 200, dimnames = dimnames(Y)) # variances that differ by chance alone
alike <- t(apply(alike, 1, function(y) { r <- lm.fit(X, y)$residuals; y / sqrt(sum(r^2)) })) + 0.001 * alike
alike <- round(alike, 8); gz <- gzfile("alike.csv.gz", "w"); write.csv(data.frame(gene = rownames(Y), alike), gz, row.names = FALSE); close(gz)
found <- list(one("plain", Y, NULL), one("weights", Y, W), one("alike", alike, NULL))
show <- function(d) format(d, digits = 15, trim = TRUE)
kept <- function(d) d[d$gene %in% rownames(Y)[seq(1, 200, 4)], ] # all 200 take part; every fourth is written
write.csv(show(kept(do.call(rbind, lapply(found, `[[`, "rows")))), "limma.csv", row.names = FALSE, quote = FALSE)
write.csv(show(do.call(rbind, lapply(found, `[[`, "prior"))), "prior.csv", row.names = FALSE, quote = FALSE)
cat("limma", as.character(packageVersion("limma")), "\n")
