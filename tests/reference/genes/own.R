# Forty of the genes with values missing, with precision weights, and with both; and an unbalanced design. Run in this
# folder: Rscript own.R; it reads lmm_genes.csv.gz and lmm_design.csv, and writes weights.csv.gz (all 200 genes) and
# own.csv. Value (gene g, sample s) is missing where (7 g + 5 s + (g s) mod 11) mod 9 is 0, both counted from 1.
# pbkrtest knows no weights: its table is that of the same model with every column multiplied by the root of the weight,
# which must reproduce lmer's estimates, standard errors and Satterthwaite's degrees of freedom.
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest)})
quiet <- function(e) suppressMessages(suppressWarnings(e))
Y <- as.matrix(read.csv("lmm_genes.csv.gz", row.names = 1)); des <- read.csv("lmm_design.csv"); des$animal <- factor(des$animal)
des$uz <- as.numeric(scale(des$urea)); des$wz <- as.numeric(scale(des$weight))
set.seed(3); W <- round(matrix(rgamma(length(Y), 4, 4), nrow(Y), dimnames = dimnames(Y)), 4) + 0.05
gz <- gzfile("weights.csv.gz", "w"); write.csv(data.frame(gene = rownames(Y), W), gz, row.names = FALSE); close(gz)
ctl <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, rhobeg = 1e-2), calc.derivs = TRUE)
lacks <- function(g) { s <- 1:24; (7 * g + 5 * s + (g * s) %% 11) %% 9 == 0 }
one <- function(case, g) {
  d <- des; d$y <- Y[g, ]; d$w <- if (case == "missing") rep(1, 24) else W[g, ]
  if (case != "weights") d <- d[!lacks(g), ]
  f <- quiet(lmerTest::lmer(y ~ uz + wz + (1 | animal), d, weights = w, control = ctl))
  root <- sqrt(d$w); rooted <- transform(d, y = y * root, i = root, uz = uz * root, wz = wz * root)
  fr <- quiet(lmerTest::lmer(y ~ 0 + i + uz + wz + (0 + i | animal), rooted, control = ctl))
  s <- coef(summary(f)); k <- coef(summary(fr, ddf = "Kenward-Roger"))
  worst <- max(abs(coef(summary(fr)) / s - 1)[, 1:3]); if (worst > 1e-3) cat(case, g, "differ by", worst, "\n")
  data.frame(case = case, gene = rownames(Y)[g], n = nrow(d), term = rownames(s), estimate = s[, 1], se = s[, 2], df_satt = s[, 3],
             p_satt = s[, 5], se_KR = k[, 2], df_KR = k[, 3], p_KR = k[, 5], theta = getME(f, "theta"), sigma = sigma(f),
             REMLcrit = REMLcrit(f), singular = isSingular(f), row.names = NULL)
}
R <- do.call(rbind, lapply(c("missing", "weights", "both"), function(case) do.call(rbind, lapply(seq(5, 200, 5), function(g) one(case, g)))))
write.csv(format(R, digits = 15, trim = TRUE), "own.csv", row.names = FALSE, quote = FALSE)
