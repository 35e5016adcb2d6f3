# Precision weights from mixed models, as voomWithDreamWeights of variancePartition describes them, and lmerTest with
# these weights gene by gene. Run in this folder: Rscript mixed_weights.R; it reads data/shock_counts.csv.gz (its first
# 500 genes) and writes mixed_weights.csv.gz (every tenth gene) and mixed_weights_tests.csv.
suppressMessages({library(edgeR); library(lme4); library(lmerTest)})
quiet <- function(e) suppressMessages(suppressWarnings(e))
data <- file.path("..", "..", "..", "data")
K <- as.matrix(read.csv(gzfile(file.path(data, "shock_counts.csv.gz")), row.names = 1, check.names = FALSE))[1:500, ]
des <- read.csv(file.path(data, "shock_samples.csv"), row.names = 1)[colnames(K), ]
des$time <- factor(des$time); des$patient <- factor(des$patient)
y <- calcNormFactors(DGEList(K)); size <- y$samples$lib.size * y$samples$norm.factors
E <- t(log2(t(K + 0.5) / (size + 1) * 1e6))
ctl <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, rhobeg = 1e-2))
one <- function(g, w = NULL) { d <- des; d$y <- E[g, ]; d$w <- if (is.null(w)) 1 else w[g, ]
  quiet(lmerTest::lmer(y ~ time + (1 | patient), d, weights = w, control = ctl)) }
fits <- lapply(seq_len(nrow(E)), one)
sx <- rowMeans(E) + mean(log2(size + 1)) - log2(1e6); sy <- sqrt(sapply(fits, sigma))
trend <- approxfun(lowess(sx, sy, f = 0.5), rule = 2, ties = list("ordered", mean))
fitted <- t(sapply(fits, predict)); logcount <- t(t(fitted) + log2(size + 1)) - log2(1e6)
W <- matrix(1 / trend(logcount)^4, nrow(E), dimnames = dimnames(E))
some <- seq(10, 500, 10)
gz <- gzfile("mixed_weights.csv.gz", "w"); write.csv(data.frame(gene = rownames(W)[some], signif(W[some, ], 10)), gz, row.names = FALSE, quote = FALSE); close(gz)
R <- do.call(rbind, lapply(some, function(g) { f <- one(g, W); s <- coef(summary(f))
  data.frame(gene = rownames(E)[g], term = rownames(s), estimate = s[, 1], se = s[, 2], df = s[, 3], p = s[, 5], theta = getME(f, "theta"), sigma = sigma(f)) }))
write.csv(format(R, digits = 12, trim = TRUE), "mixed_weights_tests.csv", row.names = FALSE, quote = FALSE)
cat("edgeR", as.character(packageVersion("edgeR")), "lmerTest", as.character(packageVersion("lmerTest")), "\n")
