# The counts of lesson 09 (data/mouse_counts.csv.gz), only the genes that filterByExpr keeps, ~ urea in steps of 100 mg/dl + weight in g: what
# edgeR, limma, DESeq2 and MASS::glm.nb (offset: the log of TMM library sizes of all genes) say of gene_0025, and how many genes they call at a
# false discovery rate of 10 %. Run in this folder: Rscript lesson_09.R; it writes lesson_09.json.
suppressMessages({library(edgeR); library(limma); library(DESeq2); library(MASS); library(jsonlite)})
K <- as.matrix(read.csv(gzfile("../../../data/mouse_counts.csv.gz"), row.names = 1, check.names = FALSE)); G <- "gene_0025"
s <- read.csv("../../../data/mouse_scores.csv", row.names = 1); stopifnot(all(colnames(K) == rownames(s)))
s$group <- factor(s$group, c("C", "HP", "CR")); s$urea100 <- (s$urea - mean(s$urea)) / 100; s$weight <- s$weight - mean(s$weight)
version <- function(p) as.character(packageVersion(p)); called <- function(q) sum(q < .1, na.rm = TRUE); bh <- function(p) p.adjust(p, "BH")
D <- model.matrix(~ urea100 + weight, s); X <- model.matrix(~ urea100 + weight + group, s)
all <- calcNormFactors(DGEList(K)); keep <- filterByExpr(K, D); K <- K[keep, ]; y <- calcNormFactors(DGEList(K))
ql <- function(D) { f <- glmQLFit(estimateDisp(y, D), D, legacy = TRUE); list(u = glmQLFTest(f, coef = 2)$table, w = glmQLFTest(f, coef = 3)$table) }
q <- ql(D); g <- ql(X); e <- eBayes(lmFit(voom(y, D), D))
d <- DESeq(DESeqDataSetFromMatrix(K, s, ~ urea100 + weight), quiet = TRUE)
s$reads <- K[G, ]; s$library <- all$samples$lib.size * all$samples$norm.factors
b <- glm.nb(reads ~ urea100 + weight + offset(log(library)), s, control = glm.control(epsilon = 1e-13, maxit = 200))
write_json(list(kept = sum(keep), size_factors = setNames(as.list(s$library / exp(mean(log(s$library)))), rownames(s)),
  glm_nb = list(urea100 = unname(coef(b)["urea100"]), weight = unname(coef(b)["weight"]), alpha = 1 / b$theta),
  quasi_likelihood = list(log2_fold_change = q$u[G, "logFC"], F = q$u[G, "F"], p = q$u[G, "PValue"], urea = called(bh(q$u$PValue)), weight = called(bh(q$w$PValue))),
  with_group = list(urea = called(bh(g$u$PValue)), weight = called(bh(g$w$PValue))),
  voom = list(log2_fold_change = unname(e$coefficients[G, 2]), t = unname(e$t[G, 2]), urea = called(bh(e$p.value[, 2])), weight = called(bh(e$p.value[, 3]))),
  deseq2 = list(urea = called(results(d, name = "urea100")$padj), weight = called(results(d, name = "weight")$padj)),
  versions = list(edgeR = version("edgeR"), limma = version("limma"), DESeq2 = version("DESeq2"), MASS = version("MASS"))),
  "lesson_09.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
