# The drug's effect in each gene, as lessons 07 and 08 ask for it: pairs of effects with one correction for difference
# and equivalence, and the same by paired t tests on four replicates. Run here: Rscript effects.R
suppressPackageStartupMessages({library(lmerTest); library(emmeans); library(jsonlite)})
d <- read.csv("lengths.csv.gz")
d$condition <- factor(d$condition, c("NO DRUG", "DRUG"))
d$gene_name <- factor(d$gene_name, c("C", "A", "B"))
emm_options(lmer.df = "satterthwaite", lmerTest.limit = 1e6)
fit <- lmer(log(length) ~ condition * gene_name + (1 | replicate), d)
emm <- emmeans(fit, ~ condition | gene_name)
effects <- pairs(emm, reverse = TRUE)
differences <- pairs(effects, by = NULL, reverse = TRUE, adjust = "none")
alike <- test(differences, delta = log(1.1), side = "equivalence", adjust = "bonferroni")
short <- as.data.frame(pairs(emmeans(fit, ~ condition | gene_name)))
cell <- aggregate(log(length) ~ replicate + condition + gene_name, d, mean)
names(cell)[4] <- "log_length"
with_drug <- subset(cell, condition == "DRUG"); without <- subset(cell, condition == "NO DRUG")
effect <- merge(with_drug, without, by = c("replicate", "gene_name"))
effect$effect <- effect$log_length.x - effect$log_length.y
wide <- xtabs(effect ~ replicate + gene_name, effect)
t_of <- function(x) { t <- t.test(x); list(estimate = unname(t$estimate), lower = t$conf.int[1], upper = t$conf.int[2], p = t$p.value) }
out <- list(
  R = R.version.string,
  versions = sapply(c("lme4", "lmerTest", "emmeans"), function(p) as.character(packageVersion(p))),
  effects = as.data.frame(summary(effects, infer = TRUE, type = "response")),
  differences = as.data.frame(summary(differences, infer = TRUE, adjust = "bonferroni", type = "response")),
  equivalence = as.data.frame(alike),
  short_call = short,
  genes_with_drug = as.data.frame(summary(pairs(emmeans(fit, ~ gene_name | condition), reverse = TRUE), infer = TRUE, adjust = "none")),
  interaction = as.data.frame(anova(fit))["condition:gene_name", ],
  t_effects = lapply(list(C = "C", A = "A", B = "B"), function(g) t_of(wide[, g])),
  t_differences = list(`A - C` = t_of(wide[, "A"] - wide[, "C"]), `B - C` = t_of(wide[, "B"] - wide[, "C"]),
                       `B - A` = t_of(wide[, "B"] - wide[, "A"])))
write_json(out, "effects.json", digits = 12, auto_unbox = TRUE, pretty = 1)
