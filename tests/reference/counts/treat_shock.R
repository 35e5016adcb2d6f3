# Shock, T3 against T1 with the patient in the formula: how many genes limma calls beyond a fold change (treat), and how
# many of those it calls at all have an estimate beyond it. Run in this folder: Rscript treat_shock.R
suppressMessages({library(edgeR); library(limma); library(jsonlite)})
K <- as.matrix(read.csv(gzfile("../../../data/shock_counts.csv.gz"), row.names = 1, check.names = FALSE))
s <- read.csv("../../../data/shock_samples.csv", row.names = 1)[colnames(K), ]
D <- model.matrix(~ time + patient, s); fit <- lmFit(voom(calcNormFactors(DGEList(K)), D), D); k <- "timeT3"
called <- p.adjust(eBayes(fit)$p.value[, k], "BH") < .05
folds <- c(1.2, 1.5, 2)
beyond <- sapply(folds, function(fold) sum(p.adjust(treat(fit, lfc = log2(fold))$p.value[, k], "BH") < .05))
after <- sapply(folds, function(fold) sum(called & abs(fit$coefficients[, k]) > log2(fold)))
write_json(list(called = sum(called), folds = folds, beyond = beyond, filtered_after = after,
  versions = list(edgeR = as.character(packageVersion("edgeR")), limma = as.character(packageVersion("limma")))),
  "treat_shock.json", auto_unbox = TRUE, pretty = TRUE)
