# Differences of effects between the levels of another factor, by emmeans (Kenward-Roger): what a report says of which
# effects differ. Writes differences.json.
suppressMessages({library(lmerTest); library(pbkrtest); library(emmeans); library(jsonlite)})
emm_options(pbkrtest.limit = 1e5, lmerTest.limit = 1e5)
read <- function(name) read.csv(paste0(name, ".csv"), stringsAsFactors = TRUE)
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(maxfun = 2e5, rhoend = 1e-9))
told <- function(found, adjust) {
  plain <- as.data.frame(summary(found, infer = TRUE, adjust = "none"))
  with_family <- as.data.frame(summary(found, infer = TRUE, adjust = adjust))
  bounds <- as.data.frame(summary(found, infer = TRUE, adjust = "bonferroni"))
  list(estimate = plain$estimate, std_error = plain$SE, df = plain$df, p_value = plain$p.value,
       p_adjusted = with_family$p.value, conf_low_adjusted = bounds$lower.CL, conf_high_adjusted = bounds$upper.CL)
}
teeth <- read("ToothGrowth"); teeth$dose <- factor(teeth$dose)
chicks <- read("ChickWeight"); chicks$Diet <- factor(chicks$Diet); chicks$Chick <- factor(chicks$Chick)
plants <- read("CO2")
out <- list(
  ToothGrowth = told(contrast(emmeans(lm(len ~ supp * dose, teeth), ~ supp * dose),
                              interaction = c("revpairwise", "revpairwise"), by = NULL), "holm"),
  ChickWeight = told(contrast(emtrends(lmer(weight ~ Time * Diet + (1 + Time | Chick), chicks, control = tight), ~ Diet,
                                       var = "Time", lmer.df = "kenward-roger"), "revpairwise"), "holm"),
  CO2 = told(contrast(emmeans(lmer(uptake ~ conc * Type * Treatment + (1 | Plant), plants, control = tight),
                              ~ Treatment * Type, lmer.df = "kenward-roger"),
                      interaction = c("revpairwise", "revpairwise")), "none")
)
write_json(out, "differences.json", digits = 12, auto_unbox = TRUE, pretty = TRUE)
