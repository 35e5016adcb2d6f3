# lmer of every gene, at a tight optimum, with both tables; `_default_optimizer` shows how far lmer's own settings are off.
# Run in this folder: Rscript genes.R; it reads lmm_genes.csv.gz and lmm_design.csv and writes lmm_genes_lmer.csv.
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest)})
quiet <- function(e) suppressMessages(suppressWarnings(e))
Y <- as.matrix(read.csv("lmm_genes.csv.gz", row.names = 1)); des <- read.csv("lmm_design.csv"); des$animal <- factor(des$animal)
des$uz <- as.numeric(scale(des$urea)); des$wz <- as.numeric(scale(des$weight))
fml <- y ~ uz + wz + (1 | animal); ctl <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9), calc.derivs = TRUE)
R <- do.call(rbind, lapply(seq_len(nrow(Y)), function(g) {
  des$y <- Y[g, ]; f <- quiet(lmerTest::lmer(fml, des, control = ctl)); fd <- quiet(lmerTest::lmer(fml, des))
  s <- coef(summary(f)); k <- coef(summary(f, ddf = "Kenward-Roger")); sd_ <- coef(summary(fd)); vc <- as.data.frame(VarCorr(f))
  data.frame(gene = rownames(Y)[g], term = rownames(s), estimate = s[, 1], se = s[, 2], df_satt = s[, 3], t = s[, 4], p_satt = s[, 5],
             se_KR = k[, 2], df_KR = k[, 3], t_KR = k[, 4], p_KR = k[, 5], tau2 = vc$vcov[1], sigma2 = vc$vcov[2],
             REMLcrit = REMLcrit(f), singular = isSingular(f), p_satt_default_optimizer = sd_[, 5],
             df_satt_default_optimizer = sd_[, 3], tau2_default_optimizer = as.data.frame(VarCorr(fd))$vcov[1], row.names = NULL)}))
write.csv(format(R, digits = 15, trim = TRUE), "lmm_genes_lmer.csv", row.names = FALSE, quote = FALSE)
