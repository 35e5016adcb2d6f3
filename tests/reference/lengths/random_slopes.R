# The random slope of gene C with Kenward-Roger's test, and the t test on four differences of means for each gene.
# Run in this folder: Rscript random_slopes.R; it reads lengths.csv.gz and writes random_slopes.json.
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(jsonlite)})
d <- read.csv("lengths.csv.gz"); d$condition <- relevel(factor(d$condition), "NO DRUG"); d$gene_name <- relevel(factor(d$gene_name), "C")
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9))
rows <- function(x) cbind(term = rownames(x), as.data.frame(x))
f <- suppressMessages(lmer(log(length) ~ condition + (1 + condition | replicate), subset(d, gene_name == "C"), control = tight))
paired <- function(gene) {
  m <- with(subset(d, gene_name == gene), tapply(log(length), list(replicate, condition), mean))
  t <- t.test(m[, "DRUG"], m[, "NO DRUG"], paired = TRUE)
  list(estimate = unname(t$estimate), low = t$conf.int[1], high = t$conf.int[2], df = unname(t$parameter), p = t$p.value)
}
out <- list(R = R.version.string, lme4 = as.character(packageVersion("lme4")), pbkrtest = as.character(packageVersion("pbkrtest")),
            kenward_roger = rows(coef(summary(f, ddf = "Kenward-Roger"))), varcorr = as.data.frame(VarCorr(f)), REMLcrit = REMLcrit(f),
            paired = sapply(c("C", "A", "B"), paired, simplify = FALSE))
write_json(out, "random_slopes.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
