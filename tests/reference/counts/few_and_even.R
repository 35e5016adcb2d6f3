# Two bounds that ordinary counts never reach. (1) edgeR's Poisson bound: genes that scatter less than Poisson get no
# p-value below that of a Poisson likelihood ratio (glmQLFTest, poisson.bound = TRUE; edgeR 3.40: its only method,
# legacy = TRUE in edgeR 4). (2) limma's bound on the degrees of freedom: with a handful of genes that are equally
# variable the prior df are very many, and df.total is held at the residual df of all genes together.
# Run in this folder: Rscript few_and_even.R; it writes even_counts.csv.gz and few_and_even.json.
suppressMessages({library(edgeR); library(limma); library(jsonlite)})
set.seed(11)
x <- rep(0:1, each = 4); D <- model.matrix(~x); G <- 200
mu <- exp(runif(G, 4, 7)); change <- ifelse(seq_len(G) <= 60, .25, 0)
K <- t(sapply(seq_len(G), function(g) {
  m <- mu[g] * exp(change[g] * x)
  if (g %% 2) rbinom(8, round(m / .9), .9) else rnbinom(8, mu = m, size = 20) # every other gene: a tenth of Poisson's variance
}))
dimnames(K) <- list(sprintf("e%03d", seq_len(G)), sprintf("s%d", 1:8))
gz <- gzfile("even_counts.csv.gz", "w"); write.csv(data.frame(gene = rownames(K), K), gz, row.names = FALSE, quote = FALSE); close(gz)
y <- estimateDisp(calcNormFactors(DGEList(K)), D); f <- glmQLFit(y, D)
with_bound <- glmQLFTest(f, coef = 2, poisson.bound = TRUE); without <- glmQLFTest(f, coef = 2, poisson.bound = FALSE)
stopifnot(sum(with_bound$table$PValue > without$table$PValue * 1.01) > 20)
few <- K[seq(2, 40, 2), ]; e <- eBayes(lmFit(voom(calcNormFactors(DGEList(few)), D, span = .5), D))
stopifnot(e$df.prior > 200, max(e$df.total) == 20 * 6)
write_json(list(edgeR = as.character(packageVersion("edgeR")), limma = as.character(packageVersion("limma")),
  quasi_likelihood = list(gene = rownames(K), F = with_bound$table$F, p_value = with_bound$table$PValue, without_bound = without$table$PValue),
  voom = list(gene = rownames(few), t = unname(e$t[, 2]), df_total = unname(e$df.total), p_value = unname(e$p.value[, 2]))),
  "few_and_even.json", digits = NA, auto_unbox = TRUE)
