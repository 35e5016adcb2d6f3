# Families of contrasts (effects, Helmert, polynomials, weights of one's own), slopes at several values, proportional weights, Scheffé: emmeans.
# Data: ../anova/ham.csv, ../classic/sleepstudy.csv, counts.csv (made by contrasts.R), and unbalanced.csv, made here.
# Run in this folder after contrasts.R: Rscript vocabulary.R; it writes unbalanced.csv and vocabulary.json.
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(emmeans); library(jsonlite)})
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e6))
emm_options(lmerTest.limit = 1e6, pbkrtest.limit = 1e6)
out <- list(versions = as.list(sapply(c("lme4", "lmerTest", "emmeans", "pbkrtest"), function(p) as.character(packageVersion(p)))))
frame <- function(x, ...) as.data.frame(summary(x, infer = TRUE, ...))
helmert <- function(levs) { k <- length(levs); m <- sapply(2:k, function(j) c(rep(-1 / (j - 1), j - 1), 1, rep(0, k - j))); as.list(as.data.frame(m)) }

# Coefficients of the polynomials for 3 to 9 levels
out$polynomials <- lapply(3:9, function(k) t(as.matrix(emmeans:::poly.emmc(seq_len(k)))))

# A mixed model, unbalanced, with a covariate
ham <- read.csv("../anova/ham.csv", stringsAsFactors = TRUE); ham$Product <- factor(ham$Product); ham$Information <- factor(ham$Information)
fit <- lmer(Informed.liking ~ Product * Information + Age + (1 | Consumer), ham, control = control)
own <- list("last two against first two" = c(-0.5, -0.5, 0.5, 0.5), "outer against inner" = c(0.5, -0.5, -0.5, 0.5))
for (mode in c("satterthwaite", "kenward-roger")) {
  means <- emmeans(fit, ~ Product | Information, lmer.df = mode); flat <- emmeans(fit, ~ Product * Information, lmer.df = mode)
  pairs <- contrast(means, "revpairwise")
  out[["ham"]][[mode]] <- list(
    eff = frame(contrast(means, "eff", adjust = "none")), poly = frame(contrast(means, "poly")), custom = frame(contrast(means, own)),
    helmert = frame(contrast(means, helmert(levels(ham$Product)))),
    interaction = frame(contrast(flat, interaction = list(Information = "revpairwise", Product = "poly"), adjust = "none")),
    scheffe = frame(pairs, adjust = "scheffe"), scheffe_all = frame(pairs, adjust = "scheffe", by = NULL),
    scheffe_eff = frame(contrast(means, "eff"), adjust = "scheffe"))
}
# Curves: slopes at several values
sleep <- read.csv("../classic/sleepstudy.csv", stringsAsFactors = TRUE); sleep$Subject <- factor(sleep$Subject)
sleep$half <- factor(ifelse(as.integer(sleep$Subject) <= 7, "first", "second"))
fit <- lmer(Reaction ~ half * (Days + I(Days^2)) + (1 | Subject), sleep, control = control)
for (mode in c("satterthwaite", "kenward-roger")) {
  # emtrends takes a forward difference, by default over a thousandth of the range: of a curve not its slope. A difference to both sides is that of a parabola.
  curve <- emmeans(fit, ~ Days | half, at = list(Days = c(-0.5, 0.5, 4, 5, 8.5, 9.5)), lmer.df = mode)
  slope <- rbind(c(-1, 1, 0, 0, 0, 0), c(0, 0, -1, 1, 0, 0), c(0, 0, 0, 0, -1, 1)); pairs <- rbind(c(-1, 1, 0), c(-1, 0, 1), c(0, -1, 1)) %*% slope
  out[["sleep"]][[mode]] <- list(emtrends = frame(emtrends(fit, ~ Days | half, var = "Days", at = list(Days = c(0, 4.5, 9)), lmer.df = mode)),
    trends = frame(contrast(curve, as.list(as.data.frame(t(slope))))), differences = frame(contrast(curve, as.list(as.data.frame(t(pairs))))))
}
# Proportional weights: three factors, unbalanced
set.seed(11); n <- 90
made <- data.frame(site = sample(c("north", "south", "west"), n, TRUE, c(0.6, 0.3, 0.1)), sex = sample(c("f", "m"), n, TRUE, c(0.7, 0.3)),
  dose = sample(c("high", "low", "none"), n, TRUE), age = round(rnorm(n, 40, 8), 1), weight = round(runif(n, 0.5, 2), 2))
made$y <- round(with(made, 2 + (site == "south") * (dose == "high") + 0.5 * (sex == "m") * (dose == "low") + 0.02 * age + rnorm(n)), 3)
write.csv(made, "unbalanced.csv", row.names = FALSE, quote = FALSE); made <- read.csv("unbalanced.csv", stringsAsFactors = TRUE)
fit <- lm(y ~ dose * site + dose * sex + age, made)
prop <- function(specs, ...) emmeans(fit, specs, weights = "proportional", ...)
out$proportional <- list(dose = frame(prop(~ dose)), dose_sex = frame(prop(~ dose | sex)), one = frame(prop(~ 1)), dose_pairs = frame(contrast(prop(~ dose), "revpairwise", adjust = "none")),
  two_sites = frame(prop(~ dose, at = list(site = c("north", "west")))))
# Counts: the scale of the outcome, and chi-squared tests
counts <- read.csv("counts.csv", stringsAsFactors = TRUE)
fit <- glm(count ~ treatment * sex + age + I(age^2) + offset(log(library)), poisson(), counts, control = glm.control(epsilon = 1e-15, maxit = 100))
grid <- emmeans(fit, ~ treatment | sex)
out$counts <- list(scheffe = frame(contrast(grid, "revpairwise"), adjust = "scheffe"), poly = frame(contrast(grid, "poly")),
  own = as.data.frame(summary(contrast(grid, list("treated" = c(-1, 0.5, 0.5))), type = "response", infer = TRUE)),
  emtrends = frame(emtrends(fit, ~ age | treatment, var = "age", at = list(age = c(8, 12), sex = "f"), regrid = "response")))
rows <- expand.grid(age = c(8, 12), treatment = levels(counts$treatment), sex = factor("f", levels(counts$sex)))
x <- model.matrix(delete.response(terms(~ treatment * sex + age + I(age^2))), rows); dx <- 0 * x; dx[, "age"] <- 1; dx[, "I(age^2)"] <- 2 * rows$age
mu <- exp(drop(x %*% coef(fit)) + mean(log(counts$library))); slope <- drop(dx %*% coef(fit)); j <- mu * (dx + slope * x)  # by hand: the exact derivatives
se <- sqrt(diag(j %*% vcov(fit) %*% t(j)))
out$counts$slopes <- cbind(rows, estimate = mu * slope, SE = se, asymp.LCL = mu * slope - qnorm(0.975) * se, asymp.UCL = mu * slope + qnorm(0.975) * se, p.value = 2 * pnorm(-abs(mu * slope / se)))
write_json(out, "vocabulary.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
