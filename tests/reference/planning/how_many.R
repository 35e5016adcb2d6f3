# Power of the drug study of lesson 13: by the formula, and by lmerTest in simulated studies. Rscript how_many.R
suppressMessages({library(lmerTest); library(jsonlite)})
sd_of_mean <- sqrt(77^2 + 45^2 / 4)
study <- expand.grid(week = 1:4, animal = factor(1:10))
study$drug <- as.numeric(study$animal) %% 2
set.seed(1)
found <- replicate(2000, {
  study$urea <- -100 * study$drug + rnorm(10, sd = 77)[study$animal] + rnorm(40, sd = 45)
  fit <- suppressMessages(lmer(urea ~ drug + (1 | animal), study))
  anova(fit, ddf = "Kenward-Roger")[["Pr(>F)"]] < 0.05
})
write_json(list(
  per_group = power.t.test(delta = 100, sd = sd_of_mean, power = 0.80)$n,
  ten = power.t.test(n = 5, delta = 100, sd = sd_of_mean)$power,
  twenty_four = power.t.test(n = 12, delta = 100, sd = sd_of_mean)$power,
  eight_of_the_truth = power.t.test(n = 4, delta = 100, sd = sqrt(70^2 + 40^2 / 4))$power,
  simulated = list(studies = length(found), significant = sum(found))
), "how_many.json", auto_unbox = TRUE, digits = NA, pretty = TRUE)
