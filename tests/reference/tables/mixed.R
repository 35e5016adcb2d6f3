# Contrasts of R's classic tables by lmerTest and emmeans (Kenward-Roger): what the report of a mixed model must give.
# Writes mixed.json; tables.R wrote the tables.
suppressMessages({library(lmerTest); library(pbkrtest); library(emmeans); library(jsonlite)})
emm_options(pbkrtest.limit = 1e5, lmerTest.limit = 1e5)
read <- function(name, ...) read.csv(paste0(name, ".csv"), stringsAsFactors = TRUE, ...)
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(maxfun = 2e5, rhoend = 1e-9))
cases <- list(
  sleepstudy = list(formula = Reaction ~ Days + (1 + Days | Subject), number = "Days", factors = "Subject"),
  ChickWeight = list(formula = weight ~ Time * Diet + (1 + Time | Chick), number = "Time", by = "Diet",
                     factors = c("Diet", "Chick")),
  Orthodont = list(formula = distance ~ age * Sex + (1 | Subject), number = "age", by = "Sex"),
  Machines = list(formula = score ~ Machine + (1 | Worker / Machine), factor = "Machine", factors = "Worker",
                  method = "revpairwise", adjust = "tukey"),
  Oats = list(formula = yield ~ Variety * nitro + (1 | Block / Variety), factor = "Variety", method = "trt.vs.ctrl",
              adjust = "bonferroni"),
  CO2 = list(formula = uptake ~ conc * Type * Treatment + (1 | Plant), factor = "Treatment", by = "Type",
             method = "trt.vs.ctrl", adjust = "none", at = TRUE),
  cake = list(formula = angle ~ recipe + temperature + (1 | recipe:replicate), factor = "temperature",
              factors = c("temperature", "replicate"), method = "consec", adjust = "none"),
  ergoStool = list(formula = effort ~ Type + (1 | Subject), factor = "Type", factors = "Subject",
                   method = "trt.vs.ctrl", adjust = "dunnettx")
)
out <- lapply(names(cases), function(name) {
  case <- cases[[name]]
  table <- read(name)
  for (factor in case$factors) table[[factor]] <- factor(table[[factor]])
  fit <- lmer(case$formula, table, control = tight)
  if (!is.null(case$number)) {
    by <- if (is.null(case$by)) ~ 1 else reformulate(case$by)
    means <- emtrends(fit, by, var = case$number, lmer.df = "kenward-roger")
    found <- summary(means, infer = TRUE)
    names(found)[grepl("trend$", names(found))] <- "estimate"
  } else {
    means <- emmeans(fit, reformulate(c(case$factor, case$by)), lmer.df = "kenward-roger")
    by <- if (is.null(case$by)) NULL else case$by
    found <- summary(contrast(means, case$method, by = by, adjust = case$adjust),
                     infer = TRUE)
  }
  list(table = name, estimate = found$estimate, std_error = found$SE, df = found$df, statistic = found$t.ratio,
       p_value = found$p.value, conf_low = found$lower.CL, conf_high = found$upper.CL,
       sd = as.data.frame(VarCorr(fit))$sdcor)
})
names(out) <- names(cases)
write_json(out, "mixed.json", digits = 12, auto_unbox = TRUE, pretty = TRUE)
