# The airway counts of lesson 10, only the genes that filterByExpr(group = dexamethasone) keeps: how many genes edgeR, limma and DESeq2 call at a
# false discovery rate of 5 %, and what they say of DUSP1. Run in this folder: Rscript lesson_10.R; it reads data/ and writes lesson_10.json.
suppressMessages({library(edgeR); library(limma); library(DESeq2); library(jsonlite)})
data <- file.path("..", "..", "..", "data"); G <- "ENSG00000120129"  # DUSP1
K <- as.matrix(read.csv(gzfile(file.path(data, "airway_counts.csv.gz")), row.names = 1))
s <- read.csv(file.path(data, "airway_samples.csv"), row.names = 1)[colnames(K), ]
s$dexamethasone <- relevel(factor(s$dexamethasone), "untreated"); k <- "dexamethasonetreated"
K <- K[filterByExpr(DGEList(K, group = s$dexamethasone)), ]; called <- function(q) sum(q < .05, na.rm = TRUE)
both <- function(D) {
  y <- calcNormFactors(DGEList(K)); e <- eBayes(lmFit(voom(y, D), D)); y <- estimateDisp(y, D)
  q <- glmQLFTest(glmQLFit(y, D, legacy = TRUE), coef = k)$table # legacy: edgeR 4
  list(quasi_likelihood = called(p.adjust(q$PValue, "BH")), log2_fold_change = q[G, "logFC"], F = q[G, "F"], p = q[G, "PValue"],
    voom = called(p.adjust(e$p.value[, k], "BH")), voom_log2_fold_change = unname(e$coefficients[G, k]), voom_t = unname(e$t[G, k]))
}
paired <- both(model.matrix(~ donor + dexamethasone, s)); ignored <- both(model.matrix(~ dexamethasone, s))
dd <- DESeq(DESeqDataSetFromMatrix(K, s, ~ donor + dexamethasone), quiet = TRUE)
name <- "dexamethasone_treated_vs_untreated"
deseq2 <- list(default = called(results(dd, name = name)$padj), alpha_05 = called(results(dd, name = name, alpha = .05)$padj),
  all_genes = called(results(dd, name = name, independentFiltering = FALSE)$padj))
version <- function(p) as.character(packageVersion(p))
write_json(list(genes = nrow(K), paired = paired, ignored = ignored, deseq2 = deseq2, versions = list(edgeR = version("edgeR"),
  limma = version("limma"), DESeq2 = version("DESeq2"))), "lesson_10.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
