# Vitamin C and the odontoblasts of guinea pigs (R's ToothGrowth): the table of the course, the effect of the delivery
# at each dose, its differences and their joint test, on both scales. Run here: Rscript tooth_growth.R
suppressPackageStartupMessages({library(emmeans); library(jsonlite)})
pigs <- data.frame(length = ToothGrowth$len, delivery = ToothGrowth$supp, dose = factor(ToothGrowth$dose))
pigs$delivery <- factor(ifelse(pigs$delivery == "OJ", "orange juice", "ascorbic acid"), c("ascorbic acid", "orange juice"))
effects <- function(fit) {
  emm <- emmeans(fit, ~ delivery | dose)
  by_dose <- pairs(emm, reverse = TRUE)
  list(by_dose = as.data.frame(summary(by_dose, infer = TRUE)),
       holm = as.data.frame(summary(by_dose, by = NULL, adjust = "holm"))$p.value,
       differences = as.data.frame(summary(pairs(by_dose, by = NULL, reverse = TRUE), infer = TRUE, adjust = "none")),
       anova = as.data.frame(anova(fit)))
}
raw <- lm(length ~ delivery * dose, pigs)
equivalence <- as.data.frame(test(pairs(emmeans(raw, ~ delivery | dose), reverse = TRUE), delta = 2, side = "equivalence"))
out <- list(R = R.version.string, emmeans = as.character(packageVersion("emmeans")),
            table = pigs, lengths = effects(raw), logs = effects(lm(log(length) ~ delivery * dose, pigs)),
            equivalence = equivalence)
write_json(out, "tooth_growth.json", digits = 12, auto_unbox = TRUE, pretty = 1)
