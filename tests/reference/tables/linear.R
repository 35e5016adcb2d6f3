# Linear models of R's classic tables, with one spread for all rows and allowing for several: lm, emmeans, t.test,
# oneway.test, sandwich's HC3, power.t.test. What the report of a table without groups must give. Writes linear.json.
suppressMessages({library(emmeans); library(sandwich); library(lmtest); library(car); library(jsonlite)})
options(contrasts = c("contr.sum", "contr.poly"))
read <- function(name) read.csv(paste0(name, ".csv"), stringsAsFactors = TRUE)
wald <- function(estimate, se, df) {
  t <- estimate / se
  list(estimate = estimate, std_error = se, df = df, p_value = 2 * pt(-abs(t), df),
       conf_low = estimate - qt(.975, df) * se, conf_high = estimate + qt(.975, df) * se)
}
table_of <- function(found) {
  found <- as.data.frame(summary(found, infer = TRUE))
  names(found)[grepl("trend$", names(found))] <- "estimate"
  list(estimate = found$estimate, std_error = found$SE, df = found$df, p_value = found$p.value,
       conf_low = found$lower.CL, conf_high = found$upper.CL)
}
type3 <- function(test) {
  rows <- !(rownames(test) %in% c("(Intercept)", "Residuals"))
  list(term = rownames(test)[rows], statistic = test[rows, intersect(c("F", "F value"), names(test))], p_value = test[rows, "Pr(>F)"])
}
ofspread <- function(fit, cell = NULL) {
  if (is.null(cell)) {  # Koenker's form of Breusch and Pagan's test
    found <- bptest(fit)
    list(statistic = unname(found$statistic), p_value = unname(found$p.value))
  } else {
    found <- leveneTest(residuals(fit), cell, center = median)
    list(statistic = found[1, "F value"], p_value = found[1, "Pr(>F)"])
  }
}
out <- list()

# One factor: Welch's t test of each pair, Welch's F of all; Games and Howell's family from ptukey
one_factor <- function(name, outcome, factor) {
  table <- read(name); y <- table[[outcome]]; g <- table[[factor]]
  fit <- lm(reformulate(factor, outcome), table)
  pairs <- combn(levels(g), 2)
  found <- apply(pairs, 2, function(pair) {
    test <- t.test(y[g == pair[2]], y[g == pair[1]])
    se <- test$stderr; df <- unname(test$parameter)
    c(estimate = unname(test$estimate[1] - test$estimate[2]), std_error = se, df = df, p_value = test$p.value,
      conf_low = test$conf.int[1], conf_high = test$conf.int[2],
      games_howell = ptukey(abs(unname(test$statistic)) * sqrt(2), nlevels(g), df, lower.tail = FALSE))
  })
  F <- oneway.test(reformulate(factor, outcome), table)
  list(equal = table_of(contrast(emmeans(fit, factor), "revpairwise", adjust = "none")),
       pairs = paste(pairs[2, ], "-", pairs[1, ]),
       equal_pairs = as.character(as.data.frame(contrast(emmeans(fit, factor), "revpairwise"))$contrast),
       unequal = as.list(as.data.frame(t(found))),
       equal_test = type3(Anova(fit, type = 3)),
       unequal_test = list(statistic = unname(F$statistic), den_df = unname(F$parameter[2]), p_value = F$p.value),
       spread = ofspread(fit, g), r_squared = summary(fit)$r.squared, adjusted = summary(fit)$adj.r.squared)
}
out$PlantGrowth <- one_factor("PlantGrowth", "weight", "group")
out$InsectSprays <- one_factor("InsectSprays", "count", "spray")
out$iris <- one_factor("iris", "Sepal.Length", "Species")

# Two factors, each cell with a mean of its own: Welch's t test within each dose
teeth <- read("ToothGrowth"); teeth$dose <- factor(teeth$dose)
fit <- lm(len ~ supp * dose, teeth)
found <- sapply(levels(teeth$dose), function(d) {
  test <- t.test(len ~ relevel(supp, "VC"), teeth[teeth$dose == d, ])
  c(estimate = unname(test$estimate[1] - test$estimate[2]), std_error = test$stderr, df = unname(test$parameter),
    p_value = test$p.value, conf_low = test$conf.int[1], conf_high = test$conf.int[2])
})
out$ToothGrowth_cells <- list(
  equal = table_of(contrast(emmeans(fit, ~ supp | dose), "revpairwise", by = "dose", adjust = "none")),
  unequal = as.list(as.data.frame(t(found))), equal_test = type3(Anova(fit, type = 3)),
  spread = ofspread(fit, interaction(teeth$supp, teeth$dose)), r_squared = summary(fit)$r.squared,
  adjusted = summary(fit)$adj.r.squared)

# A number among the predictors: HC3
with_number <- function(name, formula, contrasts, spread_fit) {
  table <- read(name)
  fit <- lm(formula, table)
  robust <- vcovHC(fit, "HC3")
  list(equal = table_of(contrasts(fit, NULL)), unequal = table_of(contrasts(fit, robust)),
       equal_test = type3(Anova(fit, type = 3)), unequal_test = type3(Anova(fit, type = 3, vcov. = robust)),
       spread = ofspread(fit), r_squared = summary(fit)$r.squared, adjusted = summary(fit)$adj.r.squared)
}
of <- function(fit, vcov) if (is.null(vcov)) list(object = fit) else list(object = fit, vcov. = vcov)
out$ToothGrowth <- with_number("ToothGrowth", len ~ supp * dose, function(fit, vcov)
  contrast(do.call(emmeans, c(of(fit, vcov), list(specs = ~ supp))), "revpairwise"))
out$iris_lines <- with_number("iris", Sepal.Length ~ Petal.Length * Species, function(fit, vcov)
  do.call(emtrends, c(of(fit, vcov), list(specs = ~ Species, var = "Petal.Length"))))

# How many next time: two groups of 30 and 10 rows
two <- lm(len ~ supp, teeth)
out$power <- list(
  sd = sigma(two), delta = power.t.test(n = 30, sd = sigma(two), power = .8)$delta,
  rows_of_half = power.t.test(delta = power.t.test(n = 30, sd = sigma(two), power = .8)$delta / 2, sd = sigma(two),
                              power = .8)$n)
# Effect sizes: Cohen's d and R² with intervals by the noncentral t and F
d <- effectsize::cohens_d(len ~ supp, data = teeth)
F <- summary(chicks <- lm(weight ~ feed, read("chickwts")))$fstatistic
shift <- sapply(c(.975, .025), function(p)
  uniroot(function(l) pf(F[1], F[2], F[3], l) - p, c(0, 500), tol = 1e-10)$root)
out$effect_sizes <- list(d = d$Cohens_d, low = d$CI_low, high = d$CI_high,
                         r_squared = c(summary(chicks)$r.squared, shift / (shift + sum(F[2:3]) + 1)))
write_json(out, "linear.json", digits = 12, auto_unbox = TRUE, pretty = TRUE)
