# 200 simulated genes x 24 samples (8 animals x 3 days): urea varies by sample, weight by animal; 40 genes have no animal
# variance. Run in this folder: Rscript simulate.R; it writes lmm_design.csv, lmm_genes.csv.gz and lmm_genes_truth.csv.
set.seed(42)
animal <- rep(sprintf("m%d", 1:8), each = 3); day <- rep(1:3, 8)
urea <- round(rep(rnorm(8, 200, 80), each = 3) + rnorm(24, 0, 50), 2); weight <- round(rep(rnorm(8, 22, 1.4), each = 3), 1)
des <- data.frame(sample = sprintf("s%02d", 1:24), animal, day, urea, weight); write.csv(des, "lmm_design.csv", row.names = FALSE)
uz <- as.numeric(scale(urea)); wz <- as.numeric(scale(weight)); ai <- rep(1:8, each = 3)
G <- 200; tau <- sqrt(c(rep(0, 40), rexp(160, 2))); sig <- runif(G, .3, 1)
b1 <- ifelse(runif(G) < .3, rnorm(G, 0, .6), 0); b2 <- ifelse(runif(G) < .3, rnorm(G, 0, .6), 0)
Y <- t(sapply(1:G, function(g) 8 + runif(1, -3, 5) + b1[g] * uz + b2[g] * wz + tau[g] * rnorm(8)[ai] + sig[g] * rnorm(24)))
Y <- round(Y, 6); rownames(Y) <- sprintf("g%03d", 1:G); colnames(Y) <- des$sample
gz <- gzfile("lmm_genes.csv.gz", "w"); write.csv(data.frame(gene = rownames(Y), Y), gz, row.names = FALSE); close(gz)
write.csv(data.frame(gene = rownames(Y), tau, sigma = sig, b_urea_z = b1, b_weight_z = b2), "lmm_genes_truth.csv", row.names = FALSE)
