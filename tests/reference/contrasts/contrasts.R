# Marginal means, comparisons, slopes, families of tests, equivalence, joint tests: emmeans on mixed, linear and count models.
# Data: ../anova/ham.csv, ../classic/sleepstudy.csv, ../mouse/mouse.csv, ../lengths/lengths.csv.gz, and counts.csv, made here.
# Run in this folder: Rscript contrasts.R; it writes counts.csv and contrasts.json.
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(emmeans); library(mvtnorm); library(jsonlite)})
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e6))
emm_options(lmerTest.limit = 1e6, pbkrtest.limit = 1e6)
out <- list(versions = as.list(sapply(c("lme4", "lmerTest", "emmeans", "pbkrtest", "mvtnorm"), function(p) as.character(packageVersion(p)))))
frame <- function(x, ...) as.data.frame(summary(x, infer = TRUE, ...))

# A mixed model, unbalanced, with a covariate
ham <- read.csv("../anova/ham.csv", stringsAsFactors = TRUE)
fit <- lmer(Informed.liking ~ Product * Information + Age + (1 | Consumer), ham, control = control)
for (mode in c("satterthwaite", "kenward-roger")) {
  means <- emmeans(fit, ~ Product | Information, lmer.df = mode)
  flat <- emmeans(fit, ~ Product * Information, lmer.df = mode)
  tight <- function(x, method) { set.seed(1); summary(x, infer = TRUE, adjust = method, maxpts = 1e7, abseps = 1e-7) }
  pairs <- contrast(means, "revpairwise"); to_first <- contrast(means, "trt.vs.ctrl1")
  out[["ham"]][[mode]] <- list(
    means = frame(means), product = frame(emmeans(fit, ~ Product, lmer.df = mode)),
    proportional = frame(emmeans(fit, ~ Product, weights = "proportional", lmer.df = mode)),
    at_age = frame(emmeans(fit, ~ Information, at = list(Age = c(30)), lmer.df = mode)),
    pairs = frame(pairs, adjust = "none"), tukey = as.data.frame(tight(pairs, "tukey")), sidak = frame(pairs, adjust = "sidak"),
    bonferroni = frame(pairs, adjust = "bonferroni"), mvt = as.data.frame(tight(pairs, "mvt")), dunnett = as.data.frame(tight(to_first, "mvt")),
    holm_all = frame(pairs, adjust = "holm", by = NULL), bh_all = frame(pairs, adjust = "BH", by = NULL),
    second = frame(contrast(flat, interaction = c(Product = "revpairwise", Information = "revpairwise"), adjust = "none")),
    equivalence = as.data.frame(test(pairs, delta = 1, side = "equivalence", adjust = "none")),
    # emmeans takes the smallest df of the contrasts in a basis of its own; lmerTest pools them, or asks pbkrtest:
    contest = lapply(split(seq_len(6), rep(1:2, each = 3)), function(rows) as.data.frame(contestMD(fit, to_first@linfct[rows, ], ddf = c(satterthwaite = "Satterthwaite", "kenward-roger" = "Kenward-Roger")[[mode]]))),
    joint_by = as.data.frame(joint_tests(fit, by = "Information", lmer.df = mode)), joint = as.data.frame(joint_tests(fit, lmer.df = mode)))
}
# Slopes of a covariate by group, in a model with random slopes
sleep <- read.csv("../classic/sleepstudy.csv", stringsAsFactors = TRUE); sleep$Subject <- factor(sleep$Subject)
sleep$half <- factor(ifelse(as.integer(sleep$Subject) <= 7, "first", "second"))
fit <- lmer(Reaction ~ Days * half + (1 + Days | Subject), sleep, control = control)
for (mode in c("satterthwaite", "kenward-roger")) {
  trends <- emtrends(fit, ~ half, var = "Days", lmer.df = mode)
  out[["sleep"]][[mode]] <- list(trends = frame(trends), difference = frame(contrast(trends, "revpairwise", adjust = "none")),
    at = frame(emmeans(fit, ~ half * Days, at = list(Days = c(0, 9)), lmer.df = mode)))
}
# A linear model with a numeric moderator
mouse <- read.csv("../mouse/mouse.csv", stringsAsFactors = TRUE)
fit <- lm(Gene.X ~ urea * prefix + weight, mouse)
trends <- emtrends(fit, ~ prefix, var = "urea")
out$mouse <- list(trends = frame(trends), differences = frame(contrast(trends, "revpairwise", adjust = "none")),
  tukey = frame(contrast(trends, "revpairwise", adjust = "tukey")), means = frame(emmeans(fit, ~ prefix)), joint = as.data.frame(joint_tests(fit)))
# Counts with an offset, Poisson and negative binomial with known θ
set.seed(7); n <- 60
counts <- data.frame(treatment = rep(c("control", "low", "high"), length.out = n), sex = rep(c("f", "m"), each = n / 2), age = round(rnorm(n, 10, 2), 2),
  library = round(exp(rnorm(n, log(1000), 0.5))))
counts$count <- rnbinom(n, mu = counts$library * exp(-5 + 0.4 * (counts$treatment == "high") + 0.02 * counts$age), size = 8)
write.csv(counts, "counts.csv", row.names = FALSE, quote = FALSE)
counts <- read.csv("counts.csv", stringsAsFactors = TRUE)
for (kind in c("poisson", "negative_binomial")) {
  family <- if (kind == "poisson") poisson() else MASS::negative.binomial(8)
  fit <- glm(count ~ treatment * sex + age + offset(log(library)), family, counts, control = glm.control(epsilon = 1e-15, maxit = 100))
  grid <- emmeans(fit, ~ treatment | sex)
  sigma2 <- if (kind == "poisson") 1 else summary(fit)$dispersion
  out$counts[[kind]] <- list(link = frame(grid), response = as.data.frame(summary(grid, type = "response")), scale = sigma2,
    ratios = as.data.frame(summary(contrast(grid, "trt.vs.ctrl1", adjust = "none"), type = "response", infer = TRUE)),
    differences = frame(contrast(regrid(grid), "trt.vs.ctrl1", adjust = "none")), at_zero = frame(emmeans(fit, ~ treatment | sex, offset = 0)))
}
# The lengths at a tight optimum
lengths <- read.csv(gzfile("../lengths/lengths.csv.gz"))
lengths$condition <- relevel(factor(lengths$condition), "NO DRUG"); lengths$gene_name <- factor(lengths$gene_name, c("C", "A", "B"))
fit <- lmer(log(length) ~ condition * gene_name + (1 | replicate), lengths, control = control)
flat <- emmeans(fit, ~ condition * gene_name, lmer.df = "satterthwaite")
drug <- contrast(emmeans(fit, ~ condition | gene_name, lmer.df = "satterthwaite"), "revpairwise")
second <- contrast(flat, interaction = c(condition = "revpairwise", gene_name = "revpairwise"), adjust = "none")
out$lengths <- list(means = frame(flat), drug = frame(drug), second = frame(second), observed = frame(contrast(emmeans(fit, ~ condition, weights = "proportional", lmer.df = "satterthwaite"), "revpairwise")),
  equivalence = as.data.frame(test(second, delta = log(1.1), side = "equivalence", adjust = "none")))
# The multivariate t itself (emmeans asks mvtnorm for it with an error of up to 1e-3): df as integers, as mvtnorm needs them
set.seed(1); tight <- GenzBretz(maxpts = 1e6, abseps = 1e-6); r4 <- matrix(0.5, 3, 3); diag(r4) <- 1
unequal <- cov2cor(rbind(c(2, 0.7, -0.3, 0.1), c(0.7, 1, 0.2, 0.4), c(-0.3, 0.2, 3, 1.1), c(0.1, 0.4, 1.1, 1.5)))
h <- rbind(c(1, -1, 0), c(1, 0, -1), c(0, 1, -1)); pairs3 <- cov2cor(h %*% diag(c(1, 0.3, 2)) %*% t(h))
families <- list(dunnett = r4, unequal = unequal, pairs = pairs3)
out$mvt <- lapply(families, function(r) list(correlation = r, cases = do.call(rbind, lapply(c(4, 15, 0), function(df) do.call(rbind, lapply(c(1, 2.2, 3.5), function(t)
  data.frame(df = df, t = t, p = 1 - as.numeric(pmvt(rep(-t, nrow(r)), rep(t, nrow(r)), df = df, corr = r, algorithm = tight)))))))))
write_json(out, "contrasts.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
