# The counts of lesson 09 (data/mouse_counts.csv.gz), ~ urea + weight, z-scored: what DESeq2, edgeR, limma, NOISeq, glm, MASS::glm.nb print
# of one gene, and how many genes they call at a false discovery rate of 10 %.
suppressMessages({library(DESeq2); library(edgeR); library(limma); library(NOISeq); library(MASS); library(jsonlite)})
K <- as.matrix(read.csv(gzfile("../../../data/mouse_counts.csv.gz"), row.names = 1, check.names = FALSE))
cd <- read.csv("../../../data/mouse_scores.csv", row.names = 1); stopifnot(all(colnames(K) == rownames(cd)))
cd$urea_z <- as.numeric(scale(cd$urea)); cd$weight_z <- as.numeric(scale(cd$weight)); G <- "gene_0025"
version <- function(p) as.character(packageVersion(p)); called <- function(q) sum(q < .1, na.rm = TRUE)
# DESeq2
dd <- DESeq(DESeqDataSetFromMatrix(K, cd, ~urea_z + weight_z), quiet = TRUE)
u <- results(dd, name = "urea_z"); w <- results(dd, name = "weight_z")
deseq2 <- list(version = version("DESeq2"), size_factors = as.list(sizeFactors(dd)), log2_fold_change = u[G, "log2FoldChange"],
  std_error = u[G, "lfcSE"], p = u[G, "pvalue"], called_urea = called(u$padj), called_weight = called(w$padj))
# edgeR 3.40, quasi-likelihood; legacy = TRUE asks edgeR 4 for the same method, and edgeR 3 for nothing
D <- model.matrix(~urea_z + weight_z, cd); y <- estimateDisp(calcNormFactors(DGEList(K)), D); f <- glmQLFit(y, D, legacy = TRUE) # edgeR 4
u <- glmQLFTest(f, coef = 2)$table; w <- glmQLFTest(f, coef = 3)$table
edger <- list(version = version("edgeR"), log2_fold_change = u[G, "logFC"], F = u[G, "F"], p = u[G, "PValue"],
  called_urea = called(p.adjust(u$PValue, "BH")), called_weight = called(p.adjust(w$PValue, "BH")))
# limma
e <- eBayes(lmFit(voom(calcNormFactors(DGEList(K)), D), D)); u <- topTable(e, coef = 2, number = Inf, sort.by = "none")
w <- topTable(e, coef = 3, number = Inf, sort.by = "none")
limma <- list(version = version("limma"), log2_fold_change = u[G, "logFC"], t = u[G, "t"], p = u[G, "P.Value"],
  called_urea = called(u$adj.P.Val), called_weight = called(w$adj.P.Val))
# NOISeq: CR against C
keep <- cd$group %in% c("C", "CR"); x <- K[, keep]; x <- x[rowSums(x) > 0, order(cd$group[keep] != "CR")]
o <- readData(data = x, factors = data.frame(group = factor(ifelse(cd[colnames(x), "group"] == "CR", "CR", "C"), levels = c("CR", "C"))))
sink("/dev/null"); n <- noiseq(o, k = 0.5, norm = "tmm", factor = "group", replicates = "biological", lc = 0); sink(); r <- n@results[[1]]
noiseq <- list(version = version("NOISeq"), M = r[G, "M"], D = r[G, "D"], probability = r[G, "prob"], above = sum(r$prob > .8, na.rm = TRUE))
# One gene
cd$y <- K[G, ]; cd$off <- log(sizeFactors(dd)); tight <- glm.control(epsilon = 1e-13, maxit = 200)
p <- glm(y ~ urea_z + weight_z + offset(off), poisson, cd, control = tight)
b <- glm.nb(y ~ urea_z + weight_z + offset(off), cd, control = tight)
one <- list(gene = G, poisson = as.list(coef(p)), poisson_se = as.list(summary(p)$coefficients[, 2]), nb = as.list(coef(b)),
  nb_se = as.list(summary(b)$coefficients[, 2]), theta = b$theta, pearson = sum(residuals(p, "pearson")^2) / p$df.residual)
write_json(list(R = paste(R.version$major, R.version$minor, sep = "."), deseq2 = deseq2, edger = edger, limma = limma, noiseq = noiseq,
  one_gene = one), "mouse_counts.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
