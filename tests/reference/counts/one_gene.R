# Poisson and negative-binomial regression of twenty genes of counts_10k.csv.gz by glm and MASS::glm.nb, offset log library size.
suppressMessages(library(MASS))
K <- as.matrix(read.csv(gzfile("counts_10k.csv.gz"), row.names = 1, check.names = FALSE)); cd <- read.csv("counts_design.csv")
cd$urea_z <- as.numeric(scale(cd$urea)); cd$weight_z <- as.numeric(scale(cd$weight)); cd$off <- log(colSums(K) / 1e6)
tight <- glm.control(epsilon = 1e-13, maxit = 200)
one <- function(g) {
  cd$y <- K[g, ]; p <- glm(y ~ urea_z + weight_z + offset(off), poisson, cd, control = tight)
  n <- glm.nb(y ~ urea_z + weight_z + offset(off), cd, control = tight); s <- summary(p)$coefficients; e <- summary(n)$coefficients
  data.frame(gene = g, term = rownames(s), poisson = s[, 1], poisson_se = s[, 2], poisson_loglik = as.numeric(logLik(p)),
    pearson = sum(residuals(p, "pearson")^2) / p$df.residual, nb = e[, 1], nb_se_expected = e[, 2], theta = n$theta,
    nb_loglik = as.numeric(logLik(n)), row.names = NULL)
}
genes <- rownames(K)[rowMeans(K) > 20][1:20]
out <- do.call(rbind, lapply(genes, one))
out[] <- lapply(out, function(x) if (is.numeric(x)) formatC(x, digits = 12, format = "g", width = 1) else x)
write.csv(out, "one_gene.csv", row.names = FALSE, quote = FALSE)
